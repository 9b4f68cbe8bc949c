"""Yes-or-no questions to somebody at a terminal."""

import click


def agreed(question: str) -> bool:
    """Whether the answer is yes; Enter and Ctrl-D are no. Raises click.Abort for Ctrl-C."""
    try:
        return click.confirm(question, err=True)
    except click.Abort as abort:
        # click makes one of the two; to say nothing more is an answer, to interrupt is none.
        if isinstance(abort.__context__, EOFError):
            return False
        raise
