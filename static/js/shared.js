/** What the page of a link needs: copying, enlarging, times. Nothing that talks to the server or knows a session. */
import "lib/lightbox.js";

import "elements/code-box.js";
import "elements/copy-button.js";
import "elements/local-time.js";
import "elements/notice-toast.js";
import "elements/sweep-grid.js";
