"""Networks of the registry with random weights: as they are where that is cheap, else in a small configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

LIBRARY_OF = {  # method → library and the name there
    "vgg16": ("torchvision", "vgg16"),
    "mobilenet-v3": ("torchvision", "mobilenet_v3_large"),
    "efficientnet-b0": ("torchvision", "efficientnet_b0"),
    "efficientnet-lite0": ("timm", "tf_efficientnet_lite0"),
    "se-resnet50": ("timm", "seresnet50.a1_in1k"),
    "se-resnext50": ("timm", "seresnext50_32x4d.racm_in1k"),
    "vit-b16": ("torchvision", "vit_b_16"),
    "dinov2-s14": ("timm", "vit_small_patch14_dinov2.lvd142m"),
    "clip-b32": ("open_clip", "ViT-B-32"),
    "siglip-b16": ("open_clip", "ViT-B-16-SigLIP"),
    "fashion-siglip": ("open_clip", "ViT-B-16-SigLIP"),
}
DIM_OF_SMALL = {  # of those that are tried in a small configuration
    "vgg16": 32,
    "vit-b16": 32,
    "dinov2-s14": 32,
    "clip-b32": 32,
    "siglip-b16": 192,
    "fashion-siglip": 192,
}


def _small_vgg() -> Any:
    from torch import nn
    from torchvision.models.vgg import make_layers

    layers = make_layers([8, "M", 8, "M", 16, "M", 16, "M", 16, "M"])
    head = nn.Sequential(nn.Linear(16 * 49, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))
    return nn.Sequential(layers, nn.Flatten(), head)


def _small_vit() -> Any:
    from torchvision.models import VisionTransformer

    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 32, "mlp_dim": 64, "num_classes": 10}
    network = VisionTransformer(image_size=224, patch_size=16, **sizes)
    network.heads.head.weight.data.normal_()
    return network


@contextmanager
def small_networks() -> Iterator[None]:
    """The large networks of the registry are small ones meanwhile."""
    import open_clip
    import timm
    import torchvision.models

    with pytest.MonkeyPatch.context() as patch:
        of_torchvision, of_timm = torchvision.models.get_model, timm.create_model
        small = {"vgg16": _small_vgg, "vit_b_16": _small_vit}

        def get_model(name: str, **settings: Any) -> Any:
            return small[name]() if name in small else of_torchvision(name, **settings)

        def create_model(name: str, **settings: Any) -> Any:
            sizes = {"embed_dim": 32, "depth": 1, "num_heads": 2} if "dinov2" in name else {}
            return of_timm(name, **settings, **sizes)

        patch.setattr(torchvision.models, "get_model", get_model)
        patch.setattr(timm, "create_model", create_model)
        text = {"context_length": 8, "vocab_size": 16, "width": 32, "heads": 2, "layers": 1}
        known = open_clip.factory._MODEL_CONFIGS
        clip = {"image_size": 224, "layers": 1, "width": 64, "patch_size": 32}
        patch.setitem(known, "ViT-B-32", {"embed_dim": 32, "vision_cfg": clip, "text_cfg": text})
        siglip = known["ViT-B-16-SigLIP"]
        vision = siglip["vision_cfg"] | {"timm_model_name": "vit_tiny_patch16_224"}
        patch.setitem(
            known,
            "ViT-B-16-SigLIP",
            siglip | {"embed_dim": 192, "vision_cfg": vision, "text_cfg": siglip["text_cfg"] | text},
        )
        yield


def write_random_weights(folder: Path, method: str) -> None:
    """A method's weights as its library keeps them, drawn at random, under the name that the user's folder has."""
    import torch
    from safetensors.torch import save_file

    from fashion_search.encoders.model_networks import LIBRARIES

    torch.manual_seed(0)
    if method not in LIBRARY_OF:
        import torchvision.models

        network = torchvision.models.get_model(method, weights=None)
    else:
        library, name = LIBRARY_OF[method]
        with small_networks():
            network = LIBRARIES[library][0](name, method == "clip-b32")
    state = {key: value.clone().contiguous() for key, value in network.state_dict().items()}
    for key in state:
        if key.endswith(".gamma"):  # nearly zero until it is trained, and the picture with it
            state[key].fill_(1)
    save_file(state, folder / f"{method}.safetensors")
