"""Networks of torchvision, timm and open_clip as features of pictures. Imported only where one is built: torch."""

import logging
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from fashion_search.encoders.networks import renamed
from fashion_search.encoders.weights import WeightsFile, WeightsSource
from fashion_search.errors import MissingPackageError, UnknownNameError, WeightsError, in_a_line

if TYPE_CHECKING:
    from types import ModuleType


def timm() -> "ModuleType":
    """The package.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import timm
    except ImportError as error:
        raise MissingPackageError("Models of timm need the package timm: pip install timm") from error
    return timm


def open_clip() -> "ModuleType":
    """The package.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import open_clip as library
    except ImportError as error:
        raise MissingPackageError(
            "Models of open_clip need the package open_clip: pip install open_clip_torch"
        ) from error
    return library  # type: ignore[no-any-return]


def load(
    library: str, name: str, weights: WeightsSource, quick_gelu: bool = False, pooled: bool = False
) -> tuple[nn.Module, WeightsFile]:
    """A network with its weights: normalised pixels (n, 3, h, w) → features (n, dim), in evaluation mode.

    Args:
        library: a key of ``LIBRARIES``.
        name: of the network there.
        weights: where they come from.
        quick_gelu: whether the weights were trained with QuickGELU, which open_clip's models do not know themselves.
        pooled: whether the features are the mean of the last feature maps, which it then gives instead (timm):
            (n, dim, rows, columns).

    Raises:
        WeightsError: the weights are not at hand, or another network's.
        UnknownNameError: the library has no network of this name.
        MissingPackageError: the library is not installed.
    """
    make, fit = LIBRARIES[library]
    try:
        network = make(name, quick_gelu)  # before the weights, so that a wrong name costs no download
    except (ImportError, RuntimeError, OSError, ValueError, TypeError) as error:
        raise WeightsError(f"{library}'s {name} cannot be made here: {in_a_line(error)}") from error
    state, file = weights.load()
    try:
        features = fit(network, name, state, file)
    except (RuntimeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{file.path} holds the weights of another network than {library}'s {name}: {in_a_line(error)} "
            f"{weights.how_to_supply}"
        ) from error
    return (FeatureMaps(features) if pooled else features).float().eval(), file


class FeatureMaps(nn.Module):
    """Maps whose mean are the features, so that a similarity can be taken apart over their positions."""

    def __init__(self, network: Any):
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.network.forward_features(pixels)
        return found


def count_parameters(network: nn.Module) -> int:
    """How many numbers of a network were learned."""
    return sum(parameter.numel() for parameter in network.parameters())


_AUXILIARY = ("aux", "AuxLogits.")
"""Beginnings of the layers that only training uses, and whose weights many files leave out."""


def _make_torchvision(name: str, quick_gelu: bool) -> nn.Module:
    import torchvision.models

    model, _, chosen = name.partition(".")
    settings: dict[str, Any] = {}
    try:
        known = torchvision.models.get_model_weights(model)
        if model in ("googlenet", "inception_v3"):
            settings = {"transform_input": True, "init_weights": False}  # as with torchvision's own weights
        elif model.startswith("vit_"):
            settings = {"image_size": (known[chosen] if chosen else known.DEFAULT).meta["min_size"][0]}
        network: nn.Module = torchvision.models.get_model(model, weights=None, **settings)
    except (ValueError, KeyError) as error:
        raise UnknownNameError(
            f"torchvision has no model {name!r}; torchvision.models.list_models() lists them."
        ) from error
    if not any(isinstance(module, nn.Linear) for module in network.modules()):
        raise UnknownNameError(f"torchvision’s {name} has no linear layer at its end, and so no vector before it.")
    return network


def _fit_torchvision(network: nn.Module, name: str, state: dict[str, Tensor], file: WeightsFile) -> nn.Module:
    """Features are what goes into the classifier's last linear layer, which may have any number of classes."""
    linear = [place for place, module in network.named_modules() if isinstance(module, nn.Linear)]
    last, own = f"{linear[-1]}.", network.state_dict()
    given = renamed(state)
    given |= {key: own[key] for key in own if key.startswith((last, *_AUXILIARY))}  # which are not used
    kept = {key: value for key, value in given.items() if key in own or not key.startswith(_AUXILIARY)}
    named: Any = OrderedDict(kept)
    named._metadata = getattr(state, "_metadata", getattr(own, "_metadata", {}))  # the versions of layers
    network.load_state_dict(named)
    network.set_submodule(linear[-1], nn.Identity())
    return network


def _make_timm(name: str, quick_gelu: bool) -> nn.Module:
    library = timm()
    try:
        network: nn.Module = library.create_model(name, pretrained=False)
    except (RuntimeError, ValueError) as error:
        raise UnknownNameError(f"timm has no model {name!r}; timm.list_models() lists them.") from error
    return network


def _fit_timm(network: Any, name: str, state: dict[str, Tensor], file: WeightsFile) -> nn.Module:
    """Without the classifier, which may have any number of classes.

    Timm's own loading knows in which forms its models were published, but leaves out in silence what does not fit.
    """
    own = network.state_dict()
    if not state.keys() & own.keys() and len(state) == len(own):  # the same network under other names, in order
        pairs = zip(own.items(), state.values(), strict=True)
        state = {key: value.reshape(mine.shape) for (key, mine), value in pairs}
    convert = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if convert is not None:
        state = convert(state, network)
    heads = network.pretrained_cfg.get("classifier") or ()
    last = tuple(f"{head}." for head in ([heads] if isinstance(heads, str) else heads))
    own = network.state_dict()
    kept = {key: value for key, value in state.items() if not last or not key.startswith(last)}
    network.load_state_dict(kept | {key: own[key] for key in own if last and key.startswith(last)})  # not used
    network.reset_classifier(0)
    features: nn.Module = network
    return features


def _make_open_clip(name: str, quick_gelu: bool) -> nn.Module:
    library = open_clip()
    if library.get_model_config(name) is None:
        raise UnknownNameError(f"open_clip has no model {name!r}; open_clip.list_models() lists them.")
    logging.disable(logging.WARNING)  # it warns that the weights are random, which they will not stay
    try:
        network: nn.Module = library.create_model(
            name, load_weights=False, force_quick_gelu=quick_gelu, pretrained_text=False, pretrained_image=False
        )
    finally:
        logging.disable(logging.NOTSET)
    return network


def _fit_open_clip(network: Any, name: str, state: dict[str, Tensor], file: WeightsFile) -> nn.Module:
    """By open_clip's own loading; of the two towers, the one for pictures."""
    open_clip().factory.load_checkpoint(network, str(file.path), weights_only=True)
    visual: nn.Module = network.visual
    return visual


LIBRARIES: dict[str, tuple[Callable[..., nn.Module], Callable[..., nn.Module]]] = {
    "torchvision": (_make_torchvision, _fit_torchvision),
    "timm": (_make_timm, _fit_timm),
    "open_clip": (_make_open_clip, _fit_open_clip),
}
"""Library → what makes one of its networks with random weights, and what turns it and a state dict into features."""
