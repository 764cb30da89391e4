/** Every element of the site; the browser connects them wherever they stand, after every swap too. */
import "lib/dialogs.js";
import "lib/drawers.js";
import "lib/failures.js";
import "lib/request-ids.js";
import "lib/shortcuts.js";

import "elements/chat-composer.js";
import "elements/code-box.js";
import "elements/column-settings.js";
import "elements/compare-columns.js";
import "elements/connection-state.js";
import "elements/conversation-tools.js";
import "elements/copy-button.js";
import "elements/image-tray.js";
import "elements/inspector-form.js";
import "elements/json-schema-editor.js";
import "elements/live-answer.js";
import "elements/local-time.js";
import "elements/message-editor.js";
import "elements/message-list.js";
import "elements/notice-toast.js";
import "elements/preferences-form.js";
import "elements/preset-panel.js";
import "elements/preset-variables.js";
import "elements/slider-field.js";
import "elements/tab-group.js";
import "elements/token-list.js";
