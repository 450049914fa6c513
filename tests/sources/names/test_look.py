"""Squats that are known are found, with the name that was meant, and popular and honest names are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.errors import StoreError
from trustguard.model.popular import Popular
from trustguard.sources.names import Names, bundled_model, model
from trustguard.sources.popular import bundled

NAMES = Names(bundled())


@pytest.mark.parametrize(
    ("name", "target"),
    [
        # Each is on record as malicious: OpenSSF malicious-packages, or Neupane et al., USENIX Security 2023.
        ("reqeusts", "requests"),
        ("colourama", "colorama"),
        ("beautifulsup4", "beautifulsoup4"),
        ("djago", "django"),
        ("jeilyfish", "jellyfish"),
        ("diango", "django"),
        ("tensrflow", "tensorflow"),
        ("python3-dateutil", "python-dateutil"),
        ("nmap-python", "python-nmap"),
        ("libhtml5", "html5lib"),
        ("coloramapkgs", "colorama"),
        ("numpy-lib", "numpy"),
        ("pythonkafka", "kafka-python"),
        ("reque5ts", "requests"),
    ],
)
def test_a_squat_on_record_is_found_with_what_it_imitates(name: str, target: str) -> None:
    hit = NAMES.look(NormalizedName(name))
    assert hit is not None
    assert hit.target == target
    assert 0 < hit.confidence <= 1
    assert target in hit.reason


def test_a_slip_in_the_name_of_a_popular_project_is_likely_a_squat() -> None:
    hit = NAMES.look(NormalizedName("reqeusts"))
    assert hit is not None
    assert (hit.tier, hit.kind) == ("likely", "edit1")


def test_no_popular_name_is_ever_found() -> None:
    assert [name for name in bundled().names if NAMES.look(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "pytest-something-else",
            "types-something-else",
            "django-our-shop",
            "flask-our-shop",
            "acme-billing",
        ),
        *("good", "dep", "evil", "honest", "weather-station-tools", "sphinxcontrib-our-theme"),
    ],
)
def test_plugins_of_families_and_names_of_ones_own_are_not_found(name: str) -> None:
    assert NAMES.look(NormalizedName(name)) is None


@pytest.mark.parametrize(
    ("name", "project"),
    [("yaml", "pyyaml"), ("cv2", "opencv-python"), ("pil", "pillow"), ("skimage", "scikit-image")],
)
def test_the_name_under_which_a_project_is_imported_is_answered_with_the_project(
    name: str, project: str
) -> None:
    hit = NAMES.look(NormalizedName(name))
    assert hit is not None
    assert (hit.target, hit.kind, hit.tier) == (project, "import-name", "suspicious")


def test_the_name_of_a_module_of_the_standard_library_is_found_as_that() -> None:
    hit = NAMES.look(NormalizedName("subprocess"))
    assert hit is not None
    assert (hit.target, hit.kind, hit.tier) == ("subprocess", "stdlib", "suspicious")


@pytest.mark.parametrize("name", ["a" * 101, "requests" * 30, "a", "-", "0"])
def test_a_name_of_any_length_has_an_answer(name: str) -> None:
    assert NAMES.look(NormalizedName(name)) is None


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("pytest-our-plugin", "pytest"),
        ("our-plugin-pytest", "pytest"),
        ("django-our-shop", "django"),
        ("flask-login", "flask"),
        ("types-our-thing", "types"),
        ("apache-airflow-providers-acme", "apache-airflow"),
        ("opentelemetry-instrumentation-acme", "opentelemetry-instrumentation"),
    ],
)
def test_a_plugin_is_of_the_family_that_its_name_says(name: str, target: str) -> None:
    assert NAMES.family(NormalizedName(name), NormalizedName(target))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("coloramapkgs", "colorama"),
        ("colorama-pkgs", "colorama"),  # nothing popular is called so: it has no family
        ("pytestx", "pytest"),
        ("pytest", "pytest"),
        ("djangoo-shop", "django"),
        ("our-django-shop", "django"),  # in the middle of a name the target is one word of many
        ("acme-billing", "django"),
    ],
)
def test_a_name_that_only_has_the_target_in_it_is_of_no_family(name: str, target: str) -> None:
    assert not NAMES.family(NormalizedName(name), NormalizedName(target))


def test_a_family_has_ten_members_that_are_popular_besides_the_one_that_is_asked_about() -> None:
    fillers = [f"project{number}" for number in range(1000)]
    nine = [*(f"head-{n}" for n in "abcde"), *(f"{n}-head" for n in "fghi")]
    ten = Names(
        Popular((NormalizedName("head"), *map(NormalizedName, [*fillers, *nine, "head-j"])), "2026-11", "-")
    )
    assert ten.family(NormalizedName("head-x"), NormalizedName("head"))
    assert not ten.family(NormalizedName("head-a"), NormalizedName("head"))


def test_names_that_are_imported_lead_to_projects_and_all_are_normalized() -> None:
    import_names = bundled_model().import_names
    assert len(import_names) >= 40
    assert not [pair for pair in import_names.items() if pair[0] == pair[1]]
    names = [*import_names, *import_names.values(), *bundled_model().modules, *bundled_model().imitated]
    assert [name for name in names if canonicalize_name(name) != name] == []


def test_the_likely_are_fewer_than_the_suspicious() -> None:
    assert bundled_model().likely > bundled_model().suspicious


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weights": {"slip": {}}}', "é"])
def test_data_that_is_not_whole_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "names.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(model, "NAMES", path)
    with pytest.raises(StoreError, match="cannot be read") as caught:
        bundled_model()
    assert caught.value.hint == "install trustguard again"


def test_the_data_can_be_read_by_people() -> None:
    data = json.loads(model.NAMES.read_text(encoding="ascii"))
    assert data["weights"]["slip"]["cost"] < 0 < data["weights"]["slip"]["length"]
    assert data["telling"]
    assert all(weight > 0 for weight in data["telling"].values())
