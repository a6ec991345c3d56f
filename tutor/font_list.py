"""The fonts of slides: which, from where, and their SHA-256.

Each is a static instance of a Noto family as Google Fonts serves it; the npm packages of @expo-google-fonts carry the
same bytes.
"""

from tutor.models import Member, Model, ModelFile, NpmPackage, Web

_ADDRESS = "https://fonts.gstatic.com/s/"
# Package -> its version, SHA-256 and size in bytes, and its files: (style, size, SHA-256, address below _ADDRESS).
_PACKAGES = {
    "noto-sans": (
        "0.4.2",
        "98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548",
        7_447_518,
        (
            (
                "400Regular/NotoSans_400Regular.ttf",
                629_024,
                "fe8c022f48d8dd29f17b744d16f9346f4357e16f7d4f7be58b000ae7c291b614",
                "notosans/v42/o-0mIpQlx3QUlC5A4PNB6Ryti20_6n1iPHjcz6L1SoM-jCpoiyD9A99d41P6zHtY.ttf",
            ),
            (
                "400Regular_Italic/NotoSans_400Regular_Italic.ttf",
                642_344,
                "feb3e57888ce3acb604f270c278cfb304c674306518771619ddbdefca42a066b",
                "notosans/v42/o-0kIpQlx3QUlC5A4PNr4C5OaxRsfNNlKbCePevHtVtX57DGjDU1QDce6VfYyWtY1rI.ttf",
            ),
            (
                "600SemiBold/NotoSans_600SemiBold.ttf",
                631_364,
                "e691fe27813ec6ed11d0a5be4c6c1f6739996ed682462eaa3244a6185217dd6c",
                "notosans/v42/o-0mIpQlx3QUlC5A4PNB6Ryti20_6n1iPHjcz6L1SoM-jCpoiyAjBN9d41P6zHtY.ttf",
            ),
            (
                "700Bold/NotoSans_700Bold.ttf",
                630_968,
                "13a813c49624ae3ba3c5c6e72c5ebffc4b9e1e6ea32f421c04069b037c6ad431",
                "notosans/v42/o-0mIpQlx3QUlC5A4PNB6Ryti20_6n1iPHjcz6L1SoM-jCpoiyAaBN9d41P6zHtY.ttf",
            ),
            (
                "700Bold_Italic/NotoSans_700Bold_Italic.ttf",
                644_344,
                "7e34616e092593c340449baf9a259075a054c6419511ccf21ff0d83a1c9dd0d0",
                "notosans/v42/o-0kIpQlx3QUlC5A4PNr4C5OaxRsfNNlKbCePevHtVtX57DGjDU1QNAZ6VfYyWtY1rI.ttf",
            ),
        ),
    ),
    "noto-sans-arabic": (
        "0.4.3",
        "29e966f9d48a4ce7dd3c2c4c016f29cd888089538217303fb2c87de9e7f048ed",
        1_778_562,
        (
            (
                "400Regular/NotoSansArabic_400Regular.ttf",
                194_176,
                "252629ca0e87b6233851249b8cbf7b43445211a8caf199f1b306a19202251508",
                "notosansarabic/v33/nwpxtLGrOAZMl5nJ_wfgRg3DrWFZWsnVBJ_sS6tlqHHFlhQ5l3sQWIHPqzCfyGyvu3CBFQLaig.ttf",
            ),
            (
                "700Bold/NotoSansArabic_700Bold.ttf",
                194_380,
                "a86a704ff8b315082f4859b04c2f8f746f4cefb14553ef10505f143e0d4829d3",
                "notosansarabic/v33/nwpxtLGrOAZMl5nJ_wfgRg3DrWFZWsnVBJ_sS6tlqHHFlhQ5l3sQWIHPqzCfL2uvu3CBFQLaig.ttf",
            ),
        ),
    ),
    "noto-sans-devanagari": (
        "0.4.1",
        "fb9a4c288af3829f383d945fcec350c8cdf99abf18ffe55c987c495bca42e80e",
        1_855_978,
        (
            (
                "400Regular/NotoSansDevanagari_400Regular.ttf",
                221_084,
                "084a94d89eb54aafb93a056e15425c34fd859f6342875165d304837b3bcfc2d2",
                "notosansdevanagari/v30/TuGoUUFzXI5FBtUq5a8bjKYTZjtRU6Sgv3NaV_SNmI0b8QQCQmHn6B2OHjbL_08AlXQly-AzoFoW4Ow.ttf",
            ),
            (
                "700Bold/NotoSansDevanagari_700Bold.ttf",
                221_652,
                "67f1ec9e2ac30b261090e32953b2df0adf6c942ab26ac47efb490fa7315bddab",
                "notosansdevanagari/v30/TuGoUUFzXI5FBtUq5a8bjKYTZjtRU6Sgv3NaV_SNmI0b8QQCQmHn6B2OHjbL_08AlZMiy-AzoFoW4Ow.ttf",
            ),
        ),
    ),
    "noto-sans-sc": (
        "0.4.3",
        "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
        56_954_252,
        (
            (
                "400Regular/NotoSansSC_400Regular.ttf",
                10_559_284,
                "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
                "notosanssc/v40/k3kCo84MPvpLmixcA63oeAL7Iqp5IZJF9bmaG9_FnYxNbPzS5HE.ttf",
            ),
            (
                "700Bold/NotoSansSC_700Bold.ttf",
                10_549_020,
                "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",
                "notosanssc/v40/k3kCo84MPvpLmixcA63oeAL7Iqp5IZJF9bmaGzjCnYxNbPzS5HE.ttf",
            ),
        ),
    ),
    "noto-sans-mono": (
        "0.4.2",
        "fc1ae36c3c68e50fa7c12a37e987d7fa1325d280969912d181548ff8f1ce2e2b",
        2_768_707,
        (
            (
                "400Regular/NotoSansMono_400Regular.ttf",
                405_892,
                "11b5d661e57865bce89d3f103a654cfa4faf9347abebac252e30742be1e657b2",
                "notosansmono/v37/BngrUXNETWXI6LwhGYvaxZikqZqK6fBq6kPvUce2oAZcdthSBUsYck4-_FNJ49rXVEQQL8Y.ttf",
            ),
            (
                "700Bold/NotoSansMono_700Bold.ttf",
                405_596,
                "c13b63c28f97181761213a0ba8fdb5d887c6d3855098937907c76b3b6efc1566",
                "notosansmono/v37/BngrUXNETWXI6LwhGYvaxZikqZqK6fBq6kPvUce2oAZcdthSBUsYck4-_LRO49rXVEQQL8Y.ttf",
            ),
        ),
    ),
    "noto-sans-math": (
        "0.4.2",
        "652041ca903e7adcc1502a0621350526463e91416757310391370ff5f8fb3ce8",
        641_915,
        (
            (
                "400Regular/NotoSansMath_400Regular.ttf",
                1_004_120,
                "b4a1dfdbfa13b4755e5eac20cb25c1d17ed5a745ceb89639595e8cf45a2b1e07",
                "notosansmath/v19/7Aump_cpkSecTWaHRlH2hyV5UHkG-V048PW0.ttf",
            ),
        ),
    ),
    "noto-sans-symbols": (
        "0.4.1",
        "d72d2f96c1c351967ec57842471b1da43ab8b1a40ecb003b1b0a0f50a3ee6388",
        1_841_545,
        (
            (
                "400Regular/NotoSansSymbols_400Regular.ttf",
                185_152,
                "aedeec1cd0514930aeeafc4a88a6deff83cda1e6b58086f0b9bb9c7dd0157578",
                "notosanssymbols/v47/rP2up3q65FkAtHfwd-eIS2brbDN6gxP34F9jRRCe4W3gfQ8gavVFRkzrbQ.ttf",
            ),
        ),
    ),
    "noto-sans-symbols-2": (
        "0.4.1",
        "3bf3d6333487df36e88d146e032a9ed8246617ca2dfe1513a8a382c3fad12ac4",
        721_858,
        (
            (
                "400Regular/NotoSansSymbols2_400Regular.ttf",
                1_228_868,
                "f67f40c65f929f029827ab37cfdc4897dfd9ae3c28d9e98ba46e0d52e39eb97e",
                "notosanssymbols2/v25/I_uyMoGduATTei9eI8daxVHDyfisHr71ypPqfX71-AI.ttf",
            ),
        ),
    ),
    "noto-emoji": (
        "0.4.7",
        "6a25fd5a4da5bb34bbc2d300531bbf32de86afd866e119314d7e358f61a6104d",
        2_961_105,
        (
            (
                "400Regular/NotoEmoji_400Regular.ttf",
                886_572,
                "24aaa2a20c9c06ffe9bf04284bfd1f14376a329d10122f902abe2770817eb504",
                "notoemoji/v64/bMrnmSyK7YY-MEu6aWjPDs-ar6uWaGWuob-r0jwvS-FGJCMY.ttf",
            ),
        ),
    ),
}

FONTS = Model(
    "fonts",
    "the letters of slides: Latin, Greek, Cyrillic, Arabic, Devanagari, Chinese, code and symbols (Noto)",
    "OFL-1.1",
    tuple(
        ModelFile(
            "fonts/" + path.rpartition("/")[2],
            size,
            sha256,
            (
                Web(_ADDRESS + address),
                Member(NpmPackage(f"@expo-google-fonts/{name}", version, package, tarball), f"package/{path}"),
            ),
        )
        for name, (version, package, tarball, files) in _PACKAGES.items()
        for path, size, sha256, address in files
    ),
)
