#!/usr/bin/env python3
"""torch_make.py KIND OUT: a torch archive that is odd or hostile, made without torch.

strides   px_r reaches beyond its storage        short     its storage has too few bytes
overlap   px_r's rows are one another's parts    still     all of px_r is one number
bfloat    px_r is of bfloat16                    class     a model of another class
evil      the pickle calls posix.system          big       the archive says big-endian
nan       px_r holds NaN                         bomb      tensors share a storage ten thousand times
"""
import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def _rebuild_tensor_v2(*arguments):
    return arguments


_rebuild_tensor_v2.__module__ = "torch._utils"
utils._rebuild_tensor_v2 = _rebuild_tensor_v2
for name in ("FloatStorage", "BFloat16Storage"):
    setattr(torch, name, type(name, (), {"__module__": "torch"}))


class Storage:
    def __init__(self, kind, key, n):
        self.id = ("storage", kind, key, "cpu", n)


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.arguments = (storage, offset, size, stride, False, OrderedDict())

    def __reduce__(self):
        return _rebuild_tensor_v2, self.arguments


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return thing.id if isinstance(thing, Storage) else None


class Command:
    def __reduce__(self):
        import posix
        return posix.system, ("touch pwned",)


def main(kind, out):
    n = 100000 if kind == "bomb" else 10
    storage = Storage(torch.BFloat16Storage if kind == "bfloat" else torch.FloatStorage, "0", n)
    size, stride = {"overlap": ((2, 4), (2, 1)), "still": ((n,), (0,)), "strides": ((n,), (2,))}.get(kind, ((n,), (1,)))
    state = OrderedDict(px_r=Tensor(storage, 0, size, stride))
    if kind == "bomb":
        state = OrderedDict(("t%d" % i, Tensor(storage, 0, (n,), (1,))) for i in range(10000))
    if kind == "evil":
        state["px_r"] = Command()
    model = {"model_state_dict": state, "var_names": ["g%d" % i for i in range(10)],
             "attr_dict": {"init_params_": {}, "registry_": {
                 "model_name": "TOTALVI" if kind == "class" else "SCVI",
                 "field_registries": {"batch": {"state_registry": {"categorical_mapping": ["b0"]}}}}}}
    bytes_ = io.BytesIO()
    Pickler(bytes_, 2).dump(model)
    value = b"\0\0\xc0\x7f" if kind == "nan" else b"\0\0\x80\x3f"
    size = 2 if kind == "bfloat" else 4
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("m/data.pkl", bytes_.getvalue())
        z.writestr("m/byteorder", "big" if kind == "big" else "little")
        z.writestr("m/data/0", (value * n)[:size * n - (4 if kind == "short" else 0)])


if __name__ == "__main__":
    main(*sys.argv[1:])
