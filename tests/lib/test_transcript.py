"""The growing text of an answer: whatever its pieces, any span of it is what was appended."""

from hypothesis import given
from hypothesis import strategies as st

from playground.lib import transcript
from playground.lib.transcript import Transcript


@given(st.lists(st.text(max_size=30)), st.integers(1, 20), st.integers(0, 200), st.integers(0, 200))
def test_any_span_is_what_was_appended(texts, piece_chars, start, end):
    before, transcript.PIECE_CHARS = transcript.PIECE_CHARS, piece_chars
    try:
        script = Transcript()
        for text in texts:
            script.append(text)
        whole = "".join(texts)
        end = min(end, script.length)
        assert script.length == len(whole)
        assert str(script) == whole
        assert script.between(min(start, end), end) == whole[min(start, end) : end]
    finally:
        transcript.PIECE_CHARS = before


def test_spans_taken_while_it_grows_join_to_the_whole():
    script, seen, mark = Transcript(), "", 0
    for number in range(3000):
        script.append(f"{number} ")
        if number % 7 == 0:
            end = script.length
            script.append("more ")  # what came after the mark was taken
            seen += script.between(mark, end)
            mark = end
    assert seen + script.between(mark, script.length) == str(script)
