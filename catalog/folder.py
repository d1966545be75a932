"""Grafana's folders: what goes into them, where they are, and who may look."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import StringConstraints, model_validator

from catalog.base import Model
from catalog.scalars import Identifier, MisfitError, Title

FolderUse = Literal["logs", "overview", "platform", "restricted", "slo"]
FolderId = Annotated[Identifier, StringConstraints(max_length=20)]
Access = Literal["none", "view", "edit", "admin"]
#: From nothing to everything, as Grafana numbers them.
LEVELS: Final[tuple[Access, ...]] = ("none", "view", "edit", "admin")


class Permissions(Model):
    """What Grafana's roles may do in a folder; its admins may do everything everywhere."""

    viewer: Access
    editor: Access

    @model_validator(mode="after")
    def _editors_are_viewers(self) -> Permissions:
        if LEVELS.index(self.editor) < LEVELS.index(self.viewer):
            raise MisfitError(
                f"is '{self.editor}', and an editor may do what a viewer may: '{self.viewer}'",
                f"Write at least 'editor: {self.viewer}'",
                "editor",
            )
        return self


class Folder(Model):
    """A Grafana folder and what goes into it.

    An id has at most 20 characters: with the system's (12) and ``-folder-`` between them it
    fits a Grafana uid (40). ``parent`` is the folder that it is shown in, by Grafana 11 and
    later. Without ``permissions``, Grafana's own hold: viewers look, editors edit.
    """

    id: FolderId
    title: Title
    use: FolderUse
    parent: FolderId | None = None
    permissions: Permissions | None = None

    @model_validator(mode="after")
    def _restricts(self) -> Folder:
        if self.use == "restricted" and self.permissions is None:
            raise MisfitError(
                "is missing, so that every viewer would see a restricted folder",
                "Add it, as in 'permissions: {viewer: none, editor: view}'",
                "permissions",
            )
        if self.parent is not None and self.permissions is not None:
            raise MisfitError(
                f"is '{self.parent}', whose permissions would hold here as well",
                "Keep a folder with permissions of its own at the top",
                "parent",
            )
        return self
