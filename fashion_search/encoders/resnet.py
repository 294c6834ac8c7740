"""ImageNet classifiers without their last layer: the mean of the last feature maps (the paper, §3.2)."""

from functools import partial
from typing import TYPE_CHECKING

from fashion_search.encoders.architecture import PRETRAINED, Architecture
from fashion_search.encoders.base import EncoderSpec, Fingerprint
from fashion_search.encoders.convolutional import ConvolutionalEncoder, explain

if TYPE_CHECKING:
    from torch import nn

SIDE = 224  # px; the size that ImageNet networks were trained at
PREPROCESSING = f"squash {SIDE}x{SIDE} bilinear; ImageNet mean and deviation; global average pool; L2"
RESNET18_WEIGHTS = PRETRAINED["resnet18"]


def _spec(name: str, title: str, summary: str, dim: int, parameters: int, colour: str) -> EncoderSpec:
    architecture = Architecture(name, SIDE, SIDE)

    def fingerprint() -> Fingerprint:
        file = PRETRAINED[name].find()
        return Fingerprint(name, PREPROCESSING, file.sha256, file.name)

    def trunk() -> "nn.Module":
        from fashion_search.encoders.networks import build_trunk

        return build_trunk(architecture, pretrained=True)[0].float().eval()

    def load(bfloat16: bool = False) -> ConvolutionalEncoder:
        PRETRAINED[name].obtain()
        return ConvolutionalEncoder(trunk, architecture, fingerprint(), bfloat16=bfloat16)

    return EncoderSpec(
        name=name,
        title=title,
        summary=summary,
        dim=dim,
        fingerprint=fingerprint,
        load=load,
        load_bfloat16=partial(load, bfloat16=True),
        explain=explain,
        colour=colour,
        family="CNN",
        licence="BSD-3-Clause",
        parameters=parameters,
        origin="torchvision, ImageNet-1k",
    )


RESNET18 = _spec(
    "resnet18",
    "ResNet-18",
    "Compares shapes and textures as a network sees them that learned to classify photographs (ImageNet).",
    512,
    11_176_512,
    "#2f72b8",
)
RESNET50 = _spec(
    "resnet50",
    "ResNet-50",
    "As ResNet-18, by a deeper network with four times as many numbers in a vector.",
    2048,
    23_508_032,
    "#1b3f73",
)
DENSENET121 = _spec(
    "densenet121",
    "DenseNet-121",
    "As ResNet-18, by a network in which each layer sees all those before it.",
    1024,
    6_953_856,
    "#6a9bd1",
)
