"""Where the files of a work lie, and what they are called: from ids and positions, never call order."""

from fic2epub.values import dataclass

__all__ = ["Layout"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one work's files.

    A book of one work has its preface and afterword at the root and its chapters in ``text/``; in an
    anthology everything of a work lies in ``text/<folder>/``. FanFicFare counts chapters by a folder and
    ``chapter`` with a number behind it, no hyphen (FanFicFare 4.62, autumn 2026).
    """

    folder: str | None = None

    def matter(self, stem: str) -> str:
        """The href of the preface or afterword."""
        return f"{stem}.xhtml" if self.folder is None else f"text/{self.folder}/{stem}.xhtml"

    def chapter(self, position: int, part: int = 1) -> str:
        """The href of a chapter by its position from 1; a long one's second file is ``chapter3-2.xhtml``."""
        folder = "text" if self.folder is None else f"text/{self.folder}"
        return f"{folder}/{self.stem(position, part)}.xhtml"

    def stem(self, position: int, part: int = 1) -> str:
        """The name of a chapter's file without its suffix, and the id of its section."""
        return f"chapter{position}" if part == 1 else f"chapter{position}-{part}"

    def from_matter(self, href: str) -> str:
        """An href of this work's, from the root, as the preface and the afterword link to it."""
        return href if self.folder is None else href.rpartition("/")[2]

    def from_chapter(self, stem: str) -> str:
        """The preface, the appendix or the afterword as a chapter links to it."""
        return f"../{stem}.xhtml" if self.folder is None else f"{stem}.xhtml"

    def id(self, stem: str) -> str:
        """The manifest id of a file: its stem, in an anthology behind the work's folder."""
        return stem if self.folder is None else f"work-{self.folder}-{stem}"

    @property
    def matter_depth(self) -> int:
        """How many folders the preface lies in."""
        return 0 if self.folder is None else 2

    @property
    def chapter_depth(self) -> int:
        """How many folders a chapter lies in."""
        return 1 if self.folder is None else 2
