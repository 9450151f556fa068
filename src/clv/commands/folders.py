"""Whether a file can be put where somebody wants it."""

from pathlib import Path

from clv.errors import SettingError
from clv.language import tell


def check_folder_of(path: Path) -> None:
    """Say in one sentence when the folder of a file to be written is not there.

    Raises
    ------
    SettingError
        It is not.
    """
    if not path.parent.is_dir():
        raise SettingError(
            tell(
                "there is no folder {parent!r} for {path!r}; make it first.",
                parent=str(path.parent),
                path=path.name,
            )
        )
