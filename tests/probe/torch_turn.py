#!/usr/bin/env python3
"""torch_turn.py KIND MODEL.pt OUT: a model of scvi-tools as other programs would have saved it, without torch.

cuda      as saved on a GPU: every storage says cuda:0      legacy    the folder that scvi-tools before 0.15 wrote

A legacy folder holds the same tensors (model_params.pt), options and names (attr.pkl, protocol 3), and
var_names.csv. Labels stand sorted there, as they do in the real one that was looked at.
"""
import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict

import numpy as np
from torch_make import Pickler, Storage, Tensor, torch


class Opaque:
    """Whatever is neither numpy's nor a tensor: pandas' histories."""

    def __new__(cls, *arguments, **named):
        return object.__new__(cls)

    def __init__(self, *arguments, **named):
        pass

    def __setstate__(self, state):
        pass


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module == "torch._utils":
            return lambda storage, offset, size, stride, *rest: Tensor(storage, offset, size, stride)
        if module == "torch":
            return getattr(torch, name, None) or setattr(torch, name, type(name, (), {"__module__": "torch"})) or getattr(torch, name)
        if module.split(".")[0] in ("numpy", "collections", "builtins", "_codecs", "__builtin__"):
            return super().find_class(module, name)
        return Opaque

    def persistent_load(self, id):
        _, kind, key, _, n = id
        return Storage(kind, key, n)


def legacy(source, folder):
    with zipfile.ZipFile(source) as z:
        root = z.namelist()[0].split("/")[0]
        model = Unpickler(io.BytesIO(z.read(root + "/data.pkl"))).load()
        state = OrderedDict((k, v) for k, v in model["model_state_dict"].items() if isinstance(v, Tensor))
        os.mkdir(folder)
        bytes_ = io.BytesIO()
        Pickler(bytes_, 2).dump(state)
        with zipfile.ZipFile(folder + "/model_params.pt", "w") as out:
            out.writestr("archive/data.pkl", bytes_.getvalue())
            for name in z.namelist():
                if name.startswith(root + "/data/"):
                    out.writestr("archive" + name[len(root):], z.read(name))
    attributes, fields = model["attr_dict"], model["attr_dict"]["registry_"]["field_registries"]
    part = lambda name: fields[name]["state_registry"]
    names = lambda name: np.array(sorted(part(name)["categorical_mapping"]), dtype=object)
    old = {
        "init_params_": {**attributes["init_params_"].get("non_kwargs", {}), **attributes["init_params_"].get("kwargs", {})},
        "is_trained_": True,
        "scvi_setup_dict_": {
            "scvi_version": "0.8.1",
            "categorical_mappings": {
                "_scvi_batch": {"original_key": part("batch")["original_key"], "mapping": names("batch")},
                "_scvi_labels": {"original_key": part("labels")["original_key"], "mapping": names("labels")},
            },
            "summary_stats": {"n_vars": len(model["var_names"])},
        },
    }
    if "unlabeled_category_" in attributes:
        old["unlabeled_category_"] = attributes["unlabeled_category_"]
    with open(folder + "/attr.pkl", "wb") as out:
        pickle.dump(old, out, 3)
    with open(folder + "/var_names.csv", "w") as out:
        out.writelines(str(g) + "\n" for g in model["var_names"])


def cuda(source, target):
    with zipfile.ZipFile(source) as z, zipfile.ZipFile(target, "w") as out:
        for name in z.namelist():
            data = z.read(name)
            if name.endswith("/data.pkl"):
                there = b"X\x03\0\0\0cpu"
                assert there in data
                data = data.replace(there, b"X\x06\0\0\0cuda:0")
            out.writestr(name, data)


if __name__ == "__main__":
    {"cuda": cuda, "legacy": legacy}[sys.argv[1]](*sys.argv[2:])
