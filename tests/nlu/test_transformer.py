"""Sentence vectors from a BERT or XLM-R folder on disk: the reference's numbers, and a third voice in the scorer."""

import json
from collections.abc import Callable
from itertools import chain
from math import prod, sin
from pathlib import Path
from struct import pack
from typing import Any

import pytest

InRasa = Callable[[str], Any]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"家里水管漏了，电话打不通！", "ab", "##c", "##d", "a"]
CONFIG = {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
          "intermediate_size": 16, "max_position_embeddings": 16, "vocab_size": len(VOCABULARY), "type_vocab_size": 2,
          "hidden_act": "gelu", "layer_norm_eps": 1e-12}


PIECES = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -4.0], ["家里", -3.0], ["家", -4.5],
          ["里", -4.5], ["水管", -3.5], ["水", -4.0], ["管", -4.2], ["漏", -4.0], ["了", -3.0], ["▁water", -5.0],
          ["▁wa", -6.0], ["ter", -6.0], [",", -3.0], ["▁家", -3.2]]
XLM_R = {**CONFIG, "model_type": "xlm-roberta", "max_position_embeddings": 18, "vocab_size": len(PIECES),
         "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5}


def tensors(config: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], list[float]]]:
    """Shape and values of every weight, from a sine, so that no random generator's version matters."""
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], 8),
        "embeddings.position_embeddings.weight": (config["max_position_embeddings"], 8),
        "embeddings.token_type_embeddings.weight": (config["type_vocab_size"], 8), "embeddings.LayerNorm.weight": (8,),
        "embeddings.LayerNorm.bias": (8,)}
    for n in range(2):
        at = f"encoder.layer.{n}"
        for name, out, into in (("attention.self.query", 8, 8), ("attention.self.key", 8, 8),
                                ("attention.self.value", 8, 8), ("attention.output.dense", 8, 8),
                                ("intermediate.dense", 16, 8), ("output.dense", 8, 16)):
            shapes |= {f"{at}.{name}.weight": (out, into), f"{at}.{name}.bias": (out,)}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{at}.{name}.weight": (8,), f"{at}.{name}.bias": (8,)}
    return {name: (shape, [sin(i * (n + 1) + n) for i in range(prod(shape))])
            for n, (name, shape) in enumerate(shapes.items())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, CONFIG, "bert.")
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    return tmp_path


@pytest.fixture
def multilingual(tmp_path: Path) -> Path:
    write(tmp_path, XLM_R, "roberta.")
    model = {"type": "Unigram", "unk_id": 3, "vocab": PIECES}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model}, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def write(folder: Path, config: dict[str, Any], prefix: str) -> None:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    head, body = {}, b""
    for name, (shape, values) in tensors(config).items():
        packed = pack(f"<{len(values)}f", *values)
        head[f"{prefix}{name}"] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(packed)]}
        body += packed
    written = json.dumps(head).encode()
    (folder / "model.safetensors").write_bytes(len(written).to_bytes(8, "little") + written + body)


TEXTS = ["家里水管漏了，", "Abcd 电话！", "打不通xyz漏á", "", "水" * 40]
REFERENCE = [
    [-0.54314, -0.24918, -0.07421, 0.18954, 0.31431, 0.65079, 0.28118, 0.00925],
    [-0.53933, -0.24097, -0.07702, 0.18473, 0.3138, 0.65867, 0.28049, 0.00125],
    [-0.5425, -0.24276, -0.07565, 0.18667, 0.3146, 0.65393, 0.28205, 0.0053],
    [-0.56979, -0.26458, -0.0709, 0.19093, 0.3189, 0.61717, 0.28454, 0.01719],
    [-0.54447, -0.2374, -0.07956, 0.17604, 0.31417, 0.65794, 0.27974, -0.00555],
]
"""BertModel and BertTokenizer of transformers 5.24.0 on the same folder, one batch, mean over the tokens."""


TEXTS_XLM_R = ["家里水管漏了，", "water 家  ", "☃☃水xy", "", "水" * 40]
REFERENCE_XLM_R = [
    [-0.54352, -0.24406, -0.07452, 0.18896, 0.31512, 0.65127, 0.28325, 0.00861],
    [-0.54011, -0.22801, -0.08008, 0.17727, 0.31468, 0.66313, 0.28218, -0.00822],
    [-0.54508, -0.23764, -0.07649, 0.18469, 0.31573, 0.65259, 0.28442, -0.00013],
    [-0.54566, -0.21876, -0.08076, 0.17485, 0.31726, 0.65861, 0.28756, -0.01412],
    [-0.53765, -0.25791, -0.07388, 0.19092, 0.31235, 0.65424, 0.2771, 0.01133],
]
"""XLMRobertaModel of transformers 5.24.0 and a Unigram tokenizer of tokenizers 0.23.3, likewise."""


def flat(rows: list[list[float]]) -> list[float]:
    return list(chain.from_iterable(rows))


def test_the_vectors_are_the_reference_s(folder: Path, in_rasa: InRasa) -> None:
    found = in_rasa(f"from nlu.transformer import Transformer\nmade = Transformer({str(folder)!r})\n"
                    f"found = [made.vectors({TEXTS!r}).tolist(), made.vectors({TEXTS[:1]!r}).tolist()]")
    assert flat(found[0]) == pytest.approx(flat(REFERENCE), abs=2e-5)
    assert found[1][0] == pytest.approx(REFERENCE[0], abs=2e-5), "alone or in a batch"


def test_a_multilingual_encoder_s_too(multilingual: Path, in_rasa: InRasa) -> None:
    found = in_rasa(f"from nlu.transformer import Transformer\n"
                    f"found = Transformer({str(multilingual)!r}).vectors({TEXTS_XLM_R!r}).tolist()")
    assert flat(found) == pytest.approx(flat(REFERENCE_XLM_R), abs=2e-5)


def test_what_the_folder_puts_before_every_text(multilingual: Path, in_rasa: InRasa) -> None:
    (multilingual / "config_sentence_transformers.json").write_text(json.dumps(
        {"prompts": {"query": "家里", "passage": "漏"}, "default_prompt_name": "query"}), encoding="utf-8")
    found = in_rasa(f"from nlu.transformer import Transformer\n"
                    f"found = Transformer({str(multilingual)!r}).vectors(['水管漏了，', '']).tolist()")
    assert found[0] == pytest.approx(REFERENCE_XLM_R[0], abs=2e-5)


def test_the_first_token_where_the_folder_says_so(folder: Path, in_rasa: InRasa) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}', encoding="utf-8")
    found = in_rasa(f"from nlu.transformer import Transformer\n"
                    f"found = Transformer({str(folder)!r}).vectors({TEXTS[:1]!r}).tolist()")
    assert found[0] != pytest.approx(REFERENCE[0], abs=1e-3)


def test_a_scorer_with_vectors_is_kept_without_weights_and_knows_its_transformer(folder: Path, in_rasa: InRasa) -> None:
    found = in_rasa(
        "import pickle\nfrom nlu.scorer import Scorer, Settings\n"
        "texts, labels = ['家里水管漏了', '水管漏水', '电话打不通', '打不通电话'] * 6, ['pipe', 'pipe', 'phone', 'phone'] * 6\n"
        f"made = Scorer(texts, labels, Settings(rarest=1, transformer={str(folder)!r}))\n"
        "plain = Scorer(texts, labels, Settings(rarest=1))\n"
        "kept = pickle.dumps(made)\nagain = pickle.loads(kept)\n"
        f"weights = open({str(folder / 'model.safetensors')!r}, 'rb').read()\n"
        "asked = ['水管', '打电话', '漏']\n"
        "found = {'same': bool((again.chances(asked) == made.chances(asked)).all()),\n"
        "         'own': bool((plain.chances(asked) != made.chances(asked)).any()),\n"
        "         'right': [made.labels[n] for n in made.chances(asked).argmax(axis=1)],\n"
        "         'inside': weights[2000:2200] in kept}")
    assert found == {"same": True, "own": True, "right": ["pipe", "phone", "pipe"], "inside": False}


@pytest.mark.parametrize(("break_it", "words"), [
    (lambda at: (at / "model.safetensors").write_bytes(b"\x02" + bytes(7) + b"{}"), "not the one"),
    (lambda at: (at / "vocab.txt").unlink(), "no transformer in"),
    (lambda at: (at / "vocab.txt").rename(at / "tokenizer.json").write_text('{"model": {"type": "BPE"}}'), "Unigram"),
    (lambda at: (at / "config.json").write_text('{"model_type": "gpt2"}'), "a BERT or XLM-R encoder is needed"),
])
def test_another_folder_is_refused(
    folder: Path, in_rasa: InRasa, break_it: Callable[[Path], object], words: str
) -> None:
    mark = in_rasa(f"from nlu.transformer import Transformer\nfound = Transformer({str(folder)!r}).fingerprint")
    break_it(folder)
    said = in_rasa(f"from nlu.transformer import Transformer\ntry:\n    Transformer({str(folder)!r}, {mark!r})\n"
                   "    found = ''\nexcept ValueError as error:\n    found = str(error)")
    assert words in said
