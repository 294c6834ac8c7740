from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.encoders import ENCODERS, encoder_spec
from fashion_search.encoders.models import MODELS
from fashion_search.encoders.published import unit
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import MissingPackageError, UnknownNameError, WeightsError
from tests.encoders.networks import LIBRARY_OF, small_networks, write_random_weights
from tests.samples import noise

IMAGES = [noise(seed, (60, 80)) for seed in range(3)]


def test_every_network_of_a_library_is_tried() -> None:
    assert [spec.name for spec in MODELS] == list(LIBRARY_OF)


@pytest.mark.parametrize("method", LIBRARY_OF)
def test_what_is_listed_is_what_the_whole_network_has(method: str) -> None:
    """In its real size, without memory for its weights."""
    import torch
    from torch import nn

    from fashion_search.encoders.model_networks import LIBRARIES, count_parameters

    library, name = LIBRARY_OF[method]
    spec = ENCODERS[method]
    if library == "open_clip":
        network = LIBRARIES[library][0](name, method == "clip-b32").visual
        with torch.inference_mode():
            dim = network(torch.zeros(1, 3, 224, 224)).shape[1]
    else:
        with torch.device("meta"):
            network = LIBRARIES[library][0](name, False)
        linear = [place for place, module in network.named_modules() if isinstance(module, nn.Linear)]
        if "dinov2" not in name:  # which has no classifier
            dim = network.get_submodule(linear[-1]).in_features
            network.set_submodule(linear[-1], nn.Identity())
        else:
            dim = network.num_features
    assert (dim, count_parameters(network)) == (spec.dim, spec.parameters)


TAGS = {"clip-b32": "/openai", "siglip-b16": "/webli", "fashion-siglip": "/webli"}


@pytest.mark.parametrize("method", [method for method in LIBRARY_OF if method != "efficientnet-lite0"])
def test_pictures_are_prepared_as_the_library_declares(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the registry is written down, so that listing it imports nothing; Lite0's weights are not timm's own."""
    library, name = LIBRARY_OF[method]
    name = f"{name}{TAGS.get(method, '')}"
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for file in (method, name.replace("/", "_")):
        (tmp_path / f"{file}.pth").write_bytes(b"weights")
    declared = encoder_spec(f"{library}:{name}").fingerprint()
    assert ENCODERS[method].fingerprint().preprocessing == declared.preprocessing


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("torchvision:vgg16", "vgg16"),
        ("timm:vit_small_patch14_dinov2.lvd142m", "vit_small_patch14_dinov2.lvd142m"),
        ("open_clip:ViT-B-32/openai", "ViT-B-32_openai"),
    ],
)
def test_any_model_is_a_method_by_its_name(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = {"vgg16": "vgg16", "ViT-B-32_openai": "clip-b32"}.get(file, "dinov2-s14")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    write_random_weights(tmp_path, method)
    (tmp_path / f"{method}.safetensors").rename(tmp_path / f"{file}.safetensors")
    spec = encoder_spec(name)
    with small_networks():
        encoder = spec.load()
    assert encoder.fingerprint == spec.fingerprint()
    assert encoder.fingerprint.method == name
    vectors = encoder.encode(IMAGES)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    (tmp_path / f"{method}.safetensors").write_bytes((tmp_path / f"{file}.safetensors").read_bytes())
    with small_networks():
        np.testing.assert_array_equal(ENCODERS[method].load().encode(IMAGES), vectors)


def test_features_are_those_of_timm_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    network = timm.create_model("resnet10t", num_classes=7)  # a classifier of somebody's own
    save_file(network.state_dict(), tmp_path / "resnet10t.safetensors")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg("resnet10t").to_dict())
    transform = timm.data.create_transform(**config, is_training=False)
    network.reset_classifier(0)
    with torch.inference_mode():
        theirs = network.eval()(torch.stack([transform(image) for image in IMAGES])).numpy()
    np.testing.assert_allclose(encoder_spec("timm:resnet10t").load().encode(IMAGES), unit(theirs), atol=1e-5)


def test_a_classifier_of_other_classes_fits_torchvisions_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import torchvision.models

    torch.manual_seed(1)
    network = torchvision.models.get_model("mobilenet_v3_small", num_classes=5)
    torch.save(network.state_dict(), tmp_path / "mobilenet_v3_small.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert encoder_spec("torchvision:mobilenet_v3_small").load().encode(IMAGES).shape == (3, 1024)


def test_quick_gelu_is_the_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same weights under another tag are another network: what open_clip does not notice of a local file."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    write_random_weights(tmp_path, "clip-b32")
    for tag in ("openai", "laion2b_s34b_b79k"):
        (tmp_path / f"ViT-B-32_{tag}.safetensors").write_bytes((tmp_path / "clip-b32.safetensors").read_bytes())
    with small_networks():
        quick, usual = (encoder_spec(f"open_clip:ViT-B-32/{tag}").load() for tag in ("openai", "laion2b_s34b_b79k"))
    assert not quick.fingerprint.matches(usual.fingerprint)
    assert np.abs(quick.encode(IMAGES) - usual.encode(IMAGES)).max() > 1e-4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("torchvision:nonsense", r"torchvision has no model 'nonsense'"),
        ("torchvision:resnet50.NONSENSE", r"torchvision has no model 'resnet50\.NONSENSE'"),
        ("torchvision:fcn_resnet50", r"does not turn one picture into one vector"),
        ("timm:nonsense", r"timm has no model 'nonsense'"),
        ("timm:resnet18.nonsense", r"timm has no model 'resnet18\.nonsense'"),
        ("open_clip:nonsense/openai", r"open_clip has no model 'nonsense/openai'"),
        ("open_clip:ViT-B-32", r"of ViT-B-32 it has openai.*Without such a tag nothing says how pictures are prepared"),
        ("open_clip:ViT-B-32/mine", r"of ViT-B-32 it has openai"),
    ],
)
def test_a_name_that_a_library_lacks(name: str, said: str) -> None:
    for act in (encoder_spec(name).fingerprint, encoder_spec(name).load):
        with pytest.raises(UnknownNameError, match=said):
            act()


def test_what_is_no_form_of_a_name() -> None:
    for name in ("keras:resnet50", "timm:", ":resnet50"):
        with pytest.raises(UnknownNameError, match=f"There is no method {name!r}"):
            encoder_spec(name)


@pytest.mark.parametrize("method", ["vgg16", "se-resnet50", "clip-b32"])
def test_weights_of_another_network_are_refused(method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    write_random_weights(tmp_path, "mobilenet-v3")
    (tmp_path / "mobilenet-v3.safetensors").rename(tmp_path / f"{method}.safetensors")
    with small_networks(), pytest.raises(WeightsError, match="holds the weights of another network") as caught:
        ENCODERS[method].load()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("method", "package"), [("se-resnet50", "timm"), ("clip-b32", "open_clip")])
def test_a_library_that_is_not_installed(method: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(MissingPackageError, match=f"need the package {package}: pip install"):
        ENCODERS[method].load()


def test_features_without_a_direction() -> None:
    made = unit(np.array([[0, 0, 0, 0], [3, 4, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(made, [[0.5, 0.5, 0.5, 0.5], [0.6, 0.8, 0, 0]])


def test_lite0_explains_by_regions() -> None:
    spec = ENCODERS["efficientnet-lite0"]
    encoder = spec.load()
    first, second = encoder.encode(IMAGES[:2])
    match = spec.explain(encoder, *IMAGES[:2])
    assert match.query.shape == (7, 7)
    assert match.score == pytest.approx(float(first @ second), abs=1e-5)


def test_lite0_takes_what_its_weights_were_trained_with() -> None:
    import torch

    encoder = ENCODERS["efficientnet-lite0"].load()
    image = IMAGES[0]
    squashed = np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR), dtype=np.float32)
    with torch.inference_mode():
        pixels = torch.from_numpy((squashed - 127) / 128).permute(2, 0, 1)[None]
        theirs = encoder.network.make()(pixels).mean((2, 3)).numpy()
    np.testing.assert_allclose(encoder.encode([image]), unit(theirs), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "dim"),
    [("mnasnet0_5", 1280), ("googlenet", 1024), ("shufflenet_v2_x0_5", 1024), ("swin_t", 768)],
)
def test_torchvisions_networks_take_their_own_state(
    name: str, dim: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the layers that only training uses, and with versions of layers in the file."""
    import torch
    import torchvision.models

    settings = {"init_weights": False} if name == "googlenet" else {}
    torch.save(torchvision.models.get_model(name, weights=None, **settings).state_dict(), tmp_path / f"{name}.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    encoder = encoder_spec(f"torchvision:{name}").load()
    assert encoder.encode(IMAGES).shape == (3, dim)
    assert getattr(encoder.network.make(), "transform_input", True)


@pytest.mark.parametrize("name", ["levit_128s", "resnetv2_50", "convnext_atto"])
def test_timms_networks_take_their_own_state(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import timm
    import torch
    from safetensors.torch import save_model

    torch.manual_seed(0)
    network = timm.create_model(name)
    save_model(network, str(tmp_path / f"{name}.safetensors"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert np.isfinite(encoder_spec(f"timm:{name}").load().encode(IMAGES)).all()


def test_a_network_without_a_linear_layer_has_no_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(UnknownNameError, match="no linear layer at its end, and so no vector before it"):
        encoder_spec("torchvision:squeezenet1_1").load()


def test_a_network_that_cannot_be_made_here_is_a_sentence() -> None:
    """Its tower for text would be another download, of which nothing is needed."""
    with pytest.raises(
        WeightsError, match=r"cannot be made here|not on this machine|could not be downloaded"
    ) as caught:
        encoder_spec("open_clip:roberta-ViT-B-32/laion2b_s12b_b32k").load()
    assert "\n" not in str(caught.value)
