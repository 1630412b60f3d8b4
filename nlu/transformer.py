"""Sentence vectors from a transformer on this machine's own disk: optional, off unless config.yml names a folder.

The folder holds a BERT encoder (Devlin et al. 2019), which most Chinese sentence encoders are, or an XLM-R encoder
(Conneau et al. 2020), which most multilingual ones are, as Hugging Face keeps them: `config.json`, `model.safetensors`,
and `vocab.txt` or `tokenizer.json` (`pieces.py`). It is run in NumPy: nothing is fetched and nothing more installed.
Vectors are the mean over the tokens, or the first token's where `1_Pooling/config.json` says so (Reimers & Gurevych
2019), of length 1; what `config_sentence_transformers.json` puts before every text is put there.
"""

import json
import re
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Dict, List, Sequence, Text, Tuple

import numpy as np
from scipy.special import erf

from nlu.pieces import pieces_in

LONGEST = 128
"""Tokens read of a text."""
SIGNS = 2000
"""Signs read of a text, far more than so many tokens have."""
AT_ONCE = 64
_KINDS = {"F32": np.float32, "F16": np.float16}


class Transformer:
    """A sentence encoder. It is kept in a model as its folder's name and print, not with its weights."""

    def __init__(self, folder: Text, fingerprint: Text = "") -> None:
        """Raises ValueError where the folder holds no such encoder, or another than `fingerprint` says."""
        self.folder, where = folder, Path(folder)
        try:
            config = json.loads((where / "config.json").read_text(encoding="utf-8"))
            self._pieces = pieces_in(where)
            raw = (where / "model.safetensors").read_bytes()
        except OSError as error:
            raise ValueError(f"no transformer in {folder}: {error}") from error
        self.fingerprint = sha256(raw).hexdigest()[:16]
        if fingerprint not in ("", self.fingerprint):
            raise ValueError(f"the transformer in {folder} is not the one the model was trained with: train again")
        if config.get("model_type") not in ("bert", "xlm-roberta"):
            raise ValueError(f"{folder}: a BERT or XLM-R encoder is needed, not {config.get('model_type')}")
        self._begin = int(config["pad_token_id"]) + 1 if config["model_type"] == "xlm-roberta" else 0
        self._values = _values(raw)
        self._layers, self._heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
        self._little = float(config.get("layer_norm_eps", 1e-12))
        self._longest = min(LONGEST, int(config["max_position_embeddings"]) - self._begin)
        self._first = bool(_read(where / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))
        told = _read(where / "config_sentence_transformers.json")
        self._prompt = str((told.get("prompts") or {}).get(told.get("default_prompt_name"), ""))

    def __reduce__(self) -> Tuple[Any, ...]:
        return Transformer, (self.folder, self.fingerprint)

    def vectors(self, texts: Sequence[Text]) -> np.ndarray:
        """Texts × size, float32."""
        tokens = [self._tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: len(tokens[at]))  # like lengths together: little padding
        found = np.zeros((len(texts), self._value("embeddings.word_embeddings.weight").shape[1]), np.float32)
        for start in range(0, len(order), AT_ONCE):
            part = order[start:start + AT_ONCE]
            found[part] = self._encoded([tokens[at] for at in part])
        return found

    def _tokens(self, text: Text) -> List[int]:
        first, last = self._pieces.ends
        return [first, *islice(self._pieces.numbers(self._prompt + text[:SIGNS]), self._longest - 2), last]

    def _encoded(self, rows: List[List[int]]) -> np.ndarray:
        longest = max(map(len, rows))
        ids = np.array([row + [0] * (longest - len(row)) for row in rows])
        real = np.arange(longest) < np.array([len(row) for row in rows])[:, None]
        state = (self._value("embeddings.word_embeddings.weight")[ids]
                 + self._value("embeddings.position_embeddings.weight")[self._begin:self._begin + longest]
                 + self._value("embeddings.token_type_embeddings.weight")[0])
        state = self._even(state, "embeddings.LayerNorm")
        for number in range(self._layers):
            state = self._layer(state, f"encoder.layer.{number}", real)
        pooled = state[:, 0] if self._first else (state * real[..., None]).sum(axis=1) / real.sum(axis=1)[:, None]
        return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)

    def _layer(self, state: np.ndarray, name: Text, real: np.ndarray) -> np.ndarray:
        query, key, value = (self._split(self._dense(state, f"{name}.attention.self.{part}"))
                             for part in ("query", "key", "value"))
        scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(query.shape[-1]))
        scores = np.where(real[:, None, None, :], scores, np.float32(-1e9))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen = (shares / shares.sum(axis=-1, keepdims=True)) @ value
        seen = seen.swapaxes(1, 2).reshape(state.shape)
        output = f"{name}.attention.output"
        state = self._even(state + self._dense(seen, f"{output}.dense"), f"{output}.LayerNorm")
        inner = self._dense(state, f"{name}.intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))).astype(np.float32) / 2
        return self._even(state + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _split(self, state: np.ndarray) -> np.ndarray:
        texts, tokens, size = state.shape
        return state.reshape(texts, tokens, self._heads, size // self._heads).swapaxes(1, 2)

    def _dense(self, state: np.ndarray, name: Text) -> np.ndarray:
        return np.asarray(state @ self._value(f"{name}.weight").T + self._value(f"{name}.bias"))

    def _even(self, state: np.ndarray, name: Text) -> np.ndarray:
        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + np.float32(self._little))
        return np.asarray(centred / spread * self._value(f"{name}.weight") + self._value(f"{name}.bias"))

    def _value(self, name: Text) -> np.ndarray:
        return self._values[name]


def _values(raw: bytes) -> Dict[Text, np.ndarray]:
    """The tensors of a safetensors file by name, without the prefix `bert.` or `roberta.`."""
    begin = 8 + int.from_bytes(raw[:8], "little")
    found = {}
    for name, facts in json.loads(raw[8:begin]).items():
        if name != "__metadata__" and facts["dtype"] in _KINDS:
            first, last = facts["data_offsets"]
            values = np.frombuffer(raw[begin + first:begin + last], _KINDS[facts["dtype"]])
            found[re.sub("^(ro)?bert(a)?[.]", "", name)] = values.reshape(facts["shape"]).astype(np.float32)
    return found


def _read(facts: Path) -> Dict[Text, Any]:
    return dict(json.loads(facts.read_text("utf-8"))) if facts.exists() else {}
