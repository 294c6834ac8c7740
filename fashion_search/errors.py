"""The errors that this package raises for what a user can put right.

Each message says what was wrong, where, and what to do. Only the command line and the pages turn them
into words on a screen.
"""


class FashionSearchError(Exception):
    """Base of every error below."""


class ImageError(FashionSearchError):
    """A picture cannot be used: not an image, damaged, or too large."""


class SourceError(FashionSearchError):
    """A catalog's source (archive, folder or CSV) cannot be read as one.

    ``options``: those that would help, by their names in ``Options`` or ``Request``; a page has fields for them, and
    the command line flags.
    """

    def __init__(self, message: str, *options: str):
        super().__init__(message)
        self.options = options


class UnlabelledError(FashionSearchError):
    """What needs style groups is asked of a catalog whose items have no labels."""


class UnknownNameError(FashionSearchError):
    """A catalog, method, item or protocol is named that does not exist."""


class FilterError(FashionSearchError):
    """A filter names a column or value that the catalog lacks, makes no sense, or leaves no item."""


class WeightsError(FashionSearchError):
    """What an encoder needs, its weights or a package, is not at hand, or is not what it claims to be."""

    def __init__(self, message: str, can_download: bool = False):
        super().__init__(message)
        self.can_download = can_download


class NotAtHandError(WeightsError):
    """Weights are not on this machine; nothing is wrong with those that are."""


class NoEncoderError(WeightsError):
    """A method has vectors but no encoder, as they were imported: a picture from outside cannot be encoded by it."""


class VectorsError(FashionSearchError):
    """Vectors that a person brings cannot be read, or do not fit the catalog.

    ``options``: as those of ``SourceError``.
    """

    def __init__(self, message: str, *options: str):
        super().__init__(message)
        self.options = options


class PartialVectorsError(VectorsError):
    """Vectors fit, but not every item has one; a catalog of the items that have one could be made."""


class StoreError(FashionSearchError):
    """A built catalog on disk is missing, damaged, or cannot be written."""


class ForeignVectorsError(FashionSearchError):
    """Vectors of one encoder met a library of another."""


class MissingPackageError(FashionSearchError):
    """A package that is optional is needed, and not installed."""


class EngineError(FashionSearchError):
    """An index that is kept elsewhere, such as by a Milvus server, cannot be reached, or is not what it should be.

    ``can_build``: whether building it again would help.
    """

    def __init__(self, message: str, can_build: bool = False):
        super().__init__(message)
        self.can_build = can_build


class ClusterError(FashionSearchError):
    """A Ray cluster cannot be used, or its workers failed; what they had made so far is kept."""


class SettingError(FashionSearchError):
    """A setting, given by an environment variable, has a value that means nothing or is out of its range."""


class BusyError(FashionSearchError):
    """So many wait for the same already that one more would only wait in vain."""


class OpenModeError(FashionSearchError):
    """What is asked for is off, since the app is open to the public."""


class TooManyError(FashionSearchError):
    """Too much was asked for at once or in a short time; the message says when to try again."""


class PasswordError(FashionSearchError):
    """The app's password cannot be read, or cannot be asked for as the app is started."""


class PortError(FashionSearchError):
    """The app cannot be served at the port that was chosen."""


class RecipeError(FashionSearchError):
    """A training recipe is missing, or something in it is unknown or out of its range."""


class TrainingError(FashionSearchError):
    """A training run cannot start, go on, or be used; what it had made so far is kept."""


def in_a_line(error: Exception) -> str:
    """What an error of a library says, in one line of at most 200 characters; its kind where it says nothing."""
    return " ".join(str(error).split())[:200] or type(error).__name__
