load helper
# Models that are refused, each part of them in turn: what no other file has, found by what the tests reached.
G=$GOLDEN/vae

# spoil GOOD <PYTHON: cases of a good model of HDF5. case(words, change...) is a copy with changes and the words
# of its refusal, for refused; put, at, drop, attr and many are changes.
spoil() {
	{ cat <<-'END'; cat; } | python - "$1"
	import h5py, numpy as np, shutil, sys
	text = lambda *v: np.array([t.encode() for t in v], "S8")
	cases, n = open("cases", "w"), 0
	def case(words, *changes):
	    global n
	    name, n = f"m{n}.h5", n + 1
	    shutil.copy(sys.argv[1], name)
	    with h5py.File(name, "r+") as f:
	        for change in changes:
	            change(f)
	    print(name, words, sep="\t", file=cases, flush=True)
	def put(path, value, **more):
	    def change(f):
	        if path in f:
	            del f[path]
	        f.create_dataset(path, data=value, **more)
	    return change
	def many(path, shape, kind="f8"):  # claims a lot, stores nothing
	    def change(f):
	        del f[path]
	        f.create_dataset(path, shape, kind, chunks=tuple(min(n, 1000) for n in shape))
	    return change
	def at(path, i, value):
	    return lambda f: f[path].__setitem__(i, value)
	def attr(name, *value):
	    return lambda f: f.attrs.__setitem__(name, *value) if value else f.attrs.__delitem__(name)
	def drop(path):
	    return lambda f: f.__delitem__(path)
	END
}

# refused FILTER...: each line of the file cases, FILE and words with a tab between, is refused by FILTER... FILE
# with status 1 and one line that has the file's name and the words. Nothing is written to out*.
refused() {
	local file words
	[ -s cases ]
	while IFS=$'\t' read -r file words; do
		fails "${STATUS-1}" "^[a-z-]+: $file(/[a-z_.]+)?: .*$words" "${@//@/$file}"
		[ "$(grep -c . <<<"$errors")" -eq 1 ]
	done <cases
	[ -z "$(find . -name 'out*' -print -quit)" ]
}

@test "models of lr-train: a part that is missing, of another kind, shape or value" {
	python - <<-'END'
	import h5py, numpy as np
	text = lambda *v: np.array([t.encode() for t in v], "S8")
	f = h5py.File("good.h5", "w")
	f.attrs.update(dict(format="pipette-model", format_version=1, loss="softmax", clip=10.0, target_sum=1e4, with_mean=True))
	f["classes"], f["genes"] = text("T", "B", "NK"), text("CD3D", "CD19", "NKG7", "LYZ")
	f["coef"], f["intercept"] = np.eye(3, 4), np.zeros(3)
	f["mean"], f["scale"] = np.zeros(4), np.ones(4)
	f["cl_id"] = text("CL:1", "CL:2", "CL:3")
	f["depth/counts"], f["depth/confidence"] = [100.0, 200.0], [0.9, 0.5]
	f["left_out/classes"], f["left_out/cells"] = text("DC"), [3.0]
	f["card/trained_on"] = np.bytes_(b"{}")
	f["card"].attrs["name"] = "one"
	f["factors/loadings"], f["factors/rest"] = np.ones((4, 2), "f4"), np.ones(4, "f4")
	f["calibration/slope"], f["calibration/offset"], f["calibration/cells"] = np.ones(3), np.zeros(3), [9.0]
	f["landmarks/places"], f["landmarks/energies"] = np.ones((3, 2), "f4"), np.arange(4, dtype="f4")
	f["landmarks/limit"] = [1.0]
	f["levels/names"], f["levels/of_class"] = text("lv1"), text("a", "b", "c")
	END
	spoil good.h5 <<-'END'
	case("card/trained_on: not a text of fixed length", put("card/trained_on", 7))
	case("card/trained_on: not a text of fixed length", put("card/trained_on", "{}"))
	case("card/trained_on: expected 0 dimensions", put("card/trained_on", text("{}")))
	case("card/trained_on: cannot be read", put("card/trained_on", np.bytes_(b"\xff\xfe")))
	case("card: not a group", drop("card"), put("card", [1]))
	case("cl_id: 2 ids for 3 classes", put("cl_id", text("CL:1", "CL:2")))
	case("cl_id: expected 1 dimensions", put("cl_id", np.array([[b"a"]])))
	case("cl_id: not text", put("cl_id", [1, 2, 3]))
	case("cl_id: name 2 is not UTF-8", put("cl_id", np.array([b"a", b"\xff", b"c"])))
	case("classes: name 1 is not UTF-8", put("classes", [b"\xff", b"a", b"b"], dtype=h5py.string_dtype()))
	case("classes: names of 70000 bytes", put("classes", np.array([b"a", b"b", b"c"], "S70000")))
	case("classes: not text", put("classes", [1.0, 2.0, 3.0]))
	case("depth: counts that do not rise, or no shares", at("depth/counts", 1, 50))
	case("depth: counts that do not rise, or no shares", at("depth/confidence", 1, 2))
	case("no dataset 'depth/counts'", drop("depth/counts"))
	case("depth/counts: holds fewer bytes", many("depth/counts", (10**9,)))
	case("depth/confidence: shape 1 x 1 does not fit", put("depth/confidence", [0.9]))
	case("no dataset 'left_out/classes'", drop("left_out/classes"))
	case("left_out/cells: shape 2 x 1 does not fit", put("left_out/cells", [1.0, 2.0]))
	case("left_out/classes: holds fewer bytes", many("left_out/classes", (10**9,), "S8"))
	case("factors/rest: gene CD19 has 0, not above 0", at("factors/rest", 1, 0))
	case("factors/loadings: number 3 is -?nan", at("factors/loadings", (1, 0), np.nan))
	case("factors/loadings: 4 x 2000 for 4 genes", put("factors/loadings", np.ones((4, 2000), "f4")))
	case("factors/loadings: expected 2 dimensions", put("factors/loadings", np.ones(4, "f4")))
	case("factors/rest: cannot be read as numbers", put("factors/rest", text("a", "b", "c", "d")))
	case("calibration: class B has slope 0, offset 0", at("calibration/slope", 1, 0))
	case("calibration: class NK has slope 1, offset inf", at("calibration/offset", 2, np.inf))
	case("calibration/cells: shape 2 x 1", put("calibration/cells", [1.0, 2.0]))
	case("landmarks: do not fit the factors", put("landmarks/places", np.ones((3, 5), "f4")))
	case("landmarks: do not fit the factors", put("landmarks/energies", np.ones(1, "f4")))
	case("landmarks: do not fit the factors", drop("factors"))
	case("landmarks/limit: -1, not above 0", at("landmarks/limit", 0, -1))
	case("landmarks/limit: shape 2 x 1", put("landmarks/limit", [1.0, 2.0]))
	case("no dataset 'landmarks/energies'", drop("landmarks/energies"))
	case("no dataset 'landmarks/places'", drop("landmarks/places"))
	case("landmarks/energies: number 2 is inf", at("landmarks/energies", 1, np.inf))
	case("levels: 200 of them", put("levels/names", np.array([b"l%d" % i for i in range(200)])))
	case("levels: 0 of them", put("levels/names", np.zeros(0, "S4")))
	case("levels/of_class: 2 names where 3 were expected", put("levels/of_class", text("a", "b")))
	case("no dataset 'levels/of_class'", drop("levels/of_class"))
	case("no dataset 'levels/names'", drop("levels/names"))
	case("coef: too large for a model", many("coef", (10**5, 10**5)))
	case("coef: holds fewer bytes than its shape says", many("coef", (3, 10**8)))
	case("genes: holds fewer bytes than its shape says", many("genes", (10**9,), "S4"))
	case("attribute 'clip' is missing or not a number", attr("clip"))
	case("attribute 'clip' is missing or not a number", attr("clip", [1.0, 2.0]))
	case("attribute 'target_sum' is missing or not a number", attr("target_sum", "much"))
	case("attribute 'format_version' is missing", attr("format_version"))
	case("not a model", attr("format", "other"))
	case("not a model", attr("format", 7))
	case("attribute 'loss' is ''", attr("loss"))
	case("class 2 has no name", at("classes", 1, b""))
	case("gene CD19: mean is -?nan", at("mean", 1, np.nan))
	case("class B: intercept is inf", at("intercept", 1, np.inf))
	case("clip is 0, it must be above 0", attr("clip", 0.0))
	case("target_sum is -1, it must be above 0", attr("target_sum", -1.0))
	def shrunk(n_classes, n_genes, n_rows):
	    yield from map(drop, ("cl_id", "depth", "left_out", "factors", "calibration", "landmarks", "levels"))
	    yield from (put("classes", text(*"abc"[:n_classes])), put("genes", np.array(list("wxyz"[:n_genes]), "S4")))
	    yield from (put("coef", np.ones((n_rows, n_genes))), put("intercept", np.zeros(n_rows)))
	    yield from (put("mean", np.zeros(n_genes)), put("scale", np.ones(n_genes)))
	case("1 classes: a model needs two or more", *shrunk(1, 4, 1))
	case("the model has no genes", *shrunk(3, 0, 3))
	case("2 rows of coefficients for 3 classes", *shrunk(3, 4, 2))
	END
	lr-model info good.h5 | grep -q 'cell types: T, B, NK'
	refused lr-model info @
}

@test "models of mtl-train: a part that is missing, of another kind, shape or value" {
	needs mtl-predict
	python - <<-'END'
	import h5py, numpy as np
	f, text = h5py.File("good.h5", "w"), h5py.string_dtype()
	f.attrs["format"], f.attrs["format_version"] = "pipette-mtl", 1
	f.create_dataset("genes", data=["g1", "g2", "g3", "g4"], dtype=text)
	for name, value in dict(hidden_1=3, hidden_2=2, dropout=.1, binary=0, levels=2, coordinates=1).items():
	    f["recipe/" + name] = float(value)
	def dense(name, n_in, n_out):
	    f[f"params/{name}.weight"], f[f"params/{name}.bias"] = np.ones((n_in, n_out), "f4"), np.zeros(n_out, "f4")
	dense("layer_1", 4, 3), dense("layer_2", 3, 2), dense("head_1", 2, 2), dense("head_2", 2, 3), dense("coordinate_1", 2, 2)
	for k, labels, parent in ((1, ["T", "B"], [0, 0]), (2, ["T1", "T2", "B1"], [0, 0, 1])):
	    f.create_dataset(f"levels/{k}/name", data=f"lv{k}", dtype=text)
	    f.create_dataset(f"levels/{k}/labels", data=labels, dtype=text)
	    f[f"levels/{k}/parent"], f[f"levels/{k}/temperature"] = np.array(parent, "u4"), 1.0
	f.create_dataset("coordinates/1/name", data="X_pca", dtype=text)
	f["coordinates/1/mean"], f["coordinates/1/sd"] = np.zeros(2, "f4"), np.ones(2, "f4")
	f["neighbours/latent"], f["neighbours/node"] = np.ones((5, 2), "f4"), np.zeros((5, 2), "i4")
	END
	spoil good.h5 <<-'END'
	str_ = dict(dtype=h5py.string_dtype())
	case("genes: not text", put("genes", [1, 2, 3, 4]))
	case("/genes", drop("genes"))
	case("/recipe/levels is 0|without a level", put("recipe/levels", 0.0))
	case("/recipe/levels is 1e\\+06", put("recipe/levels", 1e6))
	case("/recipe/dropout is -1", put("recipe/dropout", -1.0))
	case("dropout 1: from 0 to below 1", put("recipe/dropout", 1.0))
	case("a layer of 0 units: 1 to", put("recipe/hidden_1", 0.0))
	case("/recipe/hidden_2: is a row of 2, not one number", put("recipe/hidden_2", [1.0, 2.0]))
	case("/recipe/binary", drop("recipe/binary"))
	case("/recipe/dropout: holds a number that is not finite", put("recipe/dropout", np.nan))
	case("0 genes: 1 to", put("genes", np.zeros(0, "S2")))
	case("/levels/1/name: not one text", put("levels/1/name", ["a", "b"], **str_))
	case("/levels/1/name: not text", put("levels/1/name", 3))
	case("/levels/2/name", drop("levels/2/name"))
	case("/levels/2/labels", drop("levels/2/labels"))
	case("/levels/2/parent: is a row of 2, not a row of 3", put("levels/2/parent", [0, 0]))
	case("/levels/2/parent: nodes are not in their parents' order", put("levels/2/parent", [0, 7, 1]))
	case("/levels/1/temperature is 0", put("levels/1/temperature", 0.0))
	case("/levels/1/temperature is 1e\\+06", put("levels/1/temperature", 1e6))
	case("/params/head_2.bias", put("params/head_2.bias", np.zeros(2)))
	case("/params/layer_1.weight: is 4 x 4, not 4 x 3", put("params/layer_1.weight", np.zeros((4, 4))))
	case("/params/layer_1.weight: is an array of 3 dimensions, not 4 x 3", put("params/layer_1.weight", np.zeros((4, 3, 2))))
	case("/params/layer_2.weight: is empty, not 3 x 2", put("params/layer_2.weight", h5py.Empty("f4")))
	case("/params/layer_2.weight: does not hold numbers", put("params/layer_2.weight", text("a")))
	case("/params/layer_1.weight", drop("params/layer_1.weight"))
	case("/params/layer_1.weight", many("params/layer_1.weight", (10**6, 10**6)))
	case("/coordinates/1/mean: not a row of numbers", put("coordinates/1/mean", np.zeros((2, 2))))
	case("/coordinates/1/mean: not a row of numbers", drop("coordinates/1/mean"), lambda f: f.create_group("coordinates/1/mean"))
	case("/coordinates/1/mean", drop("coordinates/1/mean"))
	case("/coordinates/1/name", drop("coordinates/1/name"))
	case("/coordinates/1/sd", drop("coordinates/1/sd"))
	case("/neighbours/latent: not a matrix of cells' places", put("neighbours/latent", np.ones(5)))
	case("/neighbours/latent", put("neighbours/latent", np.ones((5, 3))))
	case("/neighbours/latent", drop("neighbours/latent"))
	case("/neighbours/node", drop("neighbours/node"))
	case("not a model of mtl-train", attr("format", "other"))
	case("version 7|format 7", attr("format_version", 7))
	END
	fails 3 "0 of the model's 4 genes are there" mtl-predict -m good.h5 "$G/query.h5ad" -o out.tsv
	refused mtl-predict -m @ "$G/query.h5ad" -o out.tsv
}

@test "models of vae-model: a part that is missing, of another kind, shape or value" {
	needs vae-model
	vae-model import -q "$G/scanvi_arches.pt" -o good.h5
	spoil good.h5 <<-'END'
	str_ = dict(dtype=h5py.string_dtype())
	with h5py.File("good.h5") as f:
	    w = f["params/decoder.px_scale_decoder.0.weight"].shape
	    genes, labels, extra = f["genes"][()], f["labels"][()], list(f["extras"])[0]
	case("/recipe/n_hidden is -1", put("recipe/n_hidden", -1.0))
	case("/recipe/n_hidden", drop("recipe/n_hidden"))
	case("too large to be one", put("recipe/n_hidden", 1e7))
	case("0 hidden layers: 1 to", put("recipe/n_layers", 0.0))
	case("a model without genes, hidden units, latent or batches", put("recipe/n_latent", 0.0))
	case("dropout 1 is not within 0 and 1", put("recipe/dropout", 1.0))
	case(f"px_scale_decoder.0.weight: is not {w[0]} x {w[1]} numbers", put("params/decoder.px_scale_decoder.0.weight", np.zeros((2, 2))))
	case("px_scale_decoder.0.weight", drop("params/decoder.px_scale_decoder.0.weight"))
	case(f"gene {genes[1].decode()} stands twice", put("genes", [genes[1], *genes[1:]], **str_))
	case("genes: not text", put("genes", np.arange(len(genes))))
	case("/batches", drop("batches"))
	case("labels for 5 classes and one for none", put("labels", labels[1:], **str_))
	case(f"/extras/{extra}: not a matrix", put("extras/" + extra, np.zeros((2, 2, 2))))
	case(f"/extras/{extra}: not a matrix", drop("extras/" + extra), lambda f: f.create_group("extras/" + extra))
	case(f"/extras/{extra}: holds a number that is not finite", put("extras/" + extra, [1, np.inf]))
	with h5py.File("good.h5") as f:
	    latent = int(f["recipe/n_latent"][()])
	protos = [put("prototypes/labels", ["a", "b"], **str_), put("prototypes/means", np.zeros((2, latent))),
	          put("prototypes/quantiles", np.tile(np.arange(101.0), (2, 1))), put("prototypes/cells", [5.0, 5.0])]
	case("prototypes/quantiles", *protos, put("prototypes/quantiles", np.tile(np.arange(3.0), (2, 1))))
	case("/prototypes/quantiles: row 2 does not rise", *protos, at("prototypes/quantiles", (1, 50), 0))
	case("/prototypes/labels", *protos, drop("prototypes/labels"))
	case("/prototypes/means", *protos, put("prototypes/means", np.zeros((2, latent + 1))))
	case("not a model of vae-model or vae-train", attr("format", "other"))
	END
	refused vae-model info @
}

@test "archives of torch: tensors, recipes and names that are not what an scVI model has" {
	needs vae-model
	python - "$TESTS/probe" "$G" <<-'END'
	import copy, io, pickle, sys, zipfile
	sys.path.insert(0, sys.argv[1])
	from collections import OrderedDict
	from torch_make import Pickler, Storage, Tensor, torch
	from torch_turn import Unpickler
	for name in ("LongStorage", "HalfStorage", "DoubleStorage"):
	    setattr(torch, name, getattr(torch, name, None) or type(name, (), {"__module__": "torch"}))
	cases, n = open("cases", "w"), 0
	class Source:
	    def __init__(self, path):
	        with zipfile.ZipFile(path) as z:
	            self.files = {name[name.index("/") + 1:]: z.read(name) for name in z.namelist()}
	        self.model = Unpickler(io.BytesIO(self.files.pop("data.pkl"))).load()
	        self.attributes = {k: v for k, v in self.model["attr_dict"].items() if k in ("init_params_", "registry_", "unlabeled_category_")}
	scanvi, scvi, batchnorm = (Source(f"{sys.argv[2]}/{name}.pt") for name in ("scanvi_arches", "scvi_gbatch", "scanvi_zinbbn.query2"))
	def case(words, source, change):
	    global n
	    name, n = f"t{n}.pt", n + 1
	    model = {"model_state_dict": OrderedDict(source.model["model_state_dict"]), "var_names": list(source.model["var_names"]),
	             "attr_dict": pickle.loads(pickle.dumps(source.attributes))}
	    files = dict(source.files)
	    model = change(model, files) or model
	    out = io.BytesIO()
	    Pickler(out, 2).dump(model)
	    with zipfile.ZipFile(name, "w") as z:
	        z.writestr("m/data.pkl", out.getvalue())
	        for path, data in files.items():
	            z.writestr("m/" + path, data)
	    print(name, words, sep="\t", file=cases, flush=True)
	state = lambda m: m["model_state_dict"]
	def of(change):
	    def do(m, files):
	        change(m)
	    return do
	def tensor(name, *arguments, kind="FloatStorage", data=None):
	    def do(m, files):
	        if data is not None:
	            files["data/x"] = data
	        state(m)[name] = Tensor(Storage(getattr(torch, kind), "x", len(data or b"") // 4), *arguments)
	    return do
	def option(name, value):
	    def do(m, files):
	        m["attr_dict"]["init_params_"]["non_kwargs"][name] = value
	    return do
	registry = lambda m: m["attr_dict"]["registry_"]
	def covariates(m):
	    registry(m)["setup_args"] = {"continuous_covariate_keys": ["age"]}
	case("a name of 300 bytes", scvi, of(lambda m: state(m).update({"x" * 300: state(m)["px_r"]})))
	class Twice(OrderedDict):
	    def __reduce__(self):
	        return OrderedDict, (), None, None, iter([*self.items(), ("px_r", self["px_r"])])
	case("tensor px_r stands twice", scvi, of(lambda m: m.update(model_state_dict=Twice(state(m)))))
	case("px_r is no tensor", scvi, of(lambda m: state(m).update(px_r=7)))
	case("a tensor without a name", scvi, of(lambda m: state(m).update({7: state(m)["px_r"]})))
	case("gene_likelihood poisson is not read", scvi, option("gene_likelihood", "poisson"))
	case("dispersion gene-cell is not read", scvi, option("dispersion", "gene-cell"))
	case("latent_distribution ln is not read", scvi, option("latent_distribution", "ln"))
	case("a model that learns library sizes is not read", scvi, option("use_observed_lib_size", False))
	case("a model that learns library sizes is not read", scvi, of(lambda m: state(m).update(library_log_means=state(m)["px_r"])))
	case("batches as embeddings are not read", scvi, of(lambda m: state(m).update({"_embeddings_dict.batch.weight": state(m)["px_r"]})))
	case("its tensors and its recipe disagree on batch norm", scanvi, option("use_batch_norm", "encoder"))
	case("its dropout rate is no number", scvi, option("dropout_rate", "much"))
	case("dropout 3 is not within 0 and 1", scvi, option("dropout_rate", 3))
	case("a model of another class than SCVI and SCANVI", scvi, of(lambda m: state(m).pop("z_encoder.mean_encoder.weight")))
	case("label groups are not read", scanvi, of(lambda m: state(m).update({"classifier_groups.weight": state(m)["px_r"]})))
	case("tensor decoder.px_scale_decoder.0.bias is missing", scvi, of(lambda m: state(m).pop("decoder.px_scale_decoder.0.bias")))
	case("tensor decoder.px_scale_decoder.0.bias is 2 x 1 where its recipe says", scvi,
	     tensor("decoder.px_scale_decoder.0.bias", 0, (2,), (1,), data=bytes(8)))
	case("labels, one of them for none, and 5 classes", scanvi,
	     of(lambda m: registry(m)["field_registries"]["labels"]["state_registry"].update(categorical_mapping=["a", "b"])))
	case("no names of genes", scvi, of(lambda m: m.pop("var_names")))
	case("no names of batches", scvi, of(lambda m: registry(m)["field_registries"].pop("batch")))
	case("genes is a dict, not an array", scvi, of(lambda m: m.update(var_names={})))
	case("genes holds None where a text should be", scvi, of(lambda m: m.update(var_names=["a", None])))
	case("batches b stands twice", scvi,
	     of(lambda m: registry(m)["field_registries"]["batch"]["state_registry"].update(categorical_mapping=["b", "b"])))
	case("made with continuous_covariate_keys: covariates", scvi, of(covariates))
	case("a nameless model: SCVI and SCANVI are read", scvi, of(lambda m: registry(m).pop("model_name")))
	case("no model_state_dict: not saved by scvi-tools", scvi, of(lambda m: m.pop("model_state_dict")))
	case("no model_state_dict: not saved by scvi-tools", scvi, lambda m, files: [1, 2])
	case("no attributes of scvi-tools 0.15 or later", scvi, of(lambda m: m["attr_dict"].pop("registry_")))
	case("a zip archive, but not one of torch: it has no data.pkl", scvi, of(lambda m: None))
	with zipfile.ZipFile(f"t{n - 1}.pt", "w") as z:
	    z.writestr("m/other", b"")
	case("tensor px_r: its storage data/x is not in the archive", scvi, tensor("px_r", 0, (1,), (1,)))
	case("tensor px_r: no sizes and strides", scvi, tensor("px_r", 0, (2,), (1, 1), data=bytes(8)))
	case("tensor px_r: no sizes and strides", scvi, tensor("px_r", -1, (2,), (1,), data=bytes(8)))
	case("tensor px_r has 3 dimensions: two at most are known", scvi, tensor("px_r", 0, (2, 1, 1), (1, 1, 1), data=bytes(8)))
	case("tensor px_r is larger than its storage", scvi, tensor("px_r", 0, (3,), (1,), data=bytes(8)))
	case("tensor px_r is larger than its storage", scvi, tensor("px_r", 0, (2,), ("a",), data=bytes(8)))
	case("tensor px_r has no storage", scvi, of(lambda m: state(m).update(px_r=Tensor(7, 0, (2,), (1,)))))
	def long(m, files):
	    files["data/x"] = bytes(16)
	    state(m)["px_r"] = Tensor(Storage(torch.LongStorage, "x", 2), 0, (2,), (1,))
	case("tensor px_r: 2 integers where numbers are expected", scvi, long)
	def count(m, files):
	    files["data/x"] = bytes(4)
	    name = next(t for t in state(m) if t.endswith("num_batches_tracked"))
	    state(m)[name] = Tensor(Storage(torch.FloatStorage, "x", 1), 0, (), ())
	case("num_batches_tracked is no integer", batchnorm, count)
	END
	refused vae-model info @
}

@test "folders of scvi-tools before 0.15: what is in their parts" {
	needs vae-model
	python - "$TESTS/probe" "$G" <<-'END'
	import os, pickle, shutil, sys
	sys.path.insert(0, sys.argv[1])
	import torch_turn
	torch_turn.legacy(sys.argv[2] + "/scanvi_arches.pt", "good")
	cases, n = open("cases", "w"), 0
	def case(words, change):
	    global n
	    name, n = f"d{n}", n + 1
	    shutil.copytree("good", name)
	    with open(name + "/attr.pkl", "rb") as f:
	        old = pickle.load(f)
	    change(old, name)
	    with open(name + "/attr.pkl", "wb") as f:
	        pickle.dump(old, f, 3)
	    print(name, words, sep="\t", file=cases, flush=True)
	def genes(data):
	    def do(old, name):
	        with open(name + "/var_names.csv", "wb") as f:
	            f.write(data)
	    return do
	def params(source):
	    return lambda old, name: shutil.copy(source, name + "/model_params.pt")
	setup = lambda old: old["scvi_setup_dict_"]
	case("line 2 is no gene's name", genes(b"g1\n  \n"))
	case("line 1 is no gene's name", genes(b"\xff\n"))
	case("no init_params_: the model's options are not there", lambda old, name: old.pop("init_params_"))
	case("made with extra_categoricals: covariates", lambda old, name: setup(old).update(extra_categoricals=["donor"]))
	case("no names of batches", lambda old, name: setup(old)["categorical_mappings"].pop("_scvi_batch"))
	case("no names of labels", lambda old, name: setup(old)["categorical_mappings"].pop("_scvi_labels"))
	case("model_state_dict is no tensor", params(sys.argv[2] + "/scvi_gbatch.pt"))
	import io, zipfile
	with zipfile.ZipFile("list.pt", "w") as z:
	    z.writestr("m/data.pkl", pickle.dumps([1, 2], 2))
	case("no dict of tensors", params("list.pt"))
	END
	refused vae-model info @
}

@test "pickles of CellTypist: parts that are of another kind or do not fit each other" {
	python - <<-'END'
	import numpy as np, pickle, sys, types
	def kind(module, name):
	    for end in [i for i, c in enumerate(module) if c == "."] + [len(module)]:
	        sys.modules.setdefault(module[:end], types.ModuleType(module[:end]))
	    made = type(name, (), {"__module__": module})
	    setattr(sys.modules[module], name, made)
	    return made
	Logistic = kind("sklearn.linear_model._logistic", "LogisticRegression")
	Scaler, Csr = kind("sklearn.preprocessing._data", "StandardScaler"), kind("scipy.sparse._csr", "csr_matrix")
	Dtype = kind("pandas.core.dtypes.dtypes", "CategoricalDtype")
	def unpickle(*arguments):
	    pass
	unpickle.__module__, unpickle.__qualname__ = "pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"
	kind("pandas._libs.arrays", "NDArrayBacked")
	setattr(sys.modules["pandas._libs.arrays"], "__pyx_unpickle_NDArrayBacked", unpickle)
	def of(make, **members):
	    made = make()
	    made.__dict__.update(members)
	    return made
	class Categorical:
	    def __init__(self, codes, categories):
	        self.state = (of(Dtype, categories=categories, ordered=False), np.array(codes, "i1"))
	    def __reduce__(self):
	        return unpickle, (kind("pandas.core.arrays.categorical", "Categorical"), 0, None), self.state
	cases, n = open("cases", "w"), 0
	def model(classifier={}, scaler={}, **parts):
	    c = dict(classes_=np.array(["T", "B", "NK"], object), features=np.array(["g1", "g2"], object), coef_=np.ones((3, 2)), intercept_=np.zeros(3))
	    s = dict(with_mean=True, mean_=np.zeros(2), scale_=np.ones(2))
	    c.update(classifier), s.update(scaler)
	    return {"Model": of(Logistic, **c), "Scaler_": of(Scaler, **s), "description": {}, **parts}
	def case(words, **change):
	    global n
	    name, n = f"p{n}.pkl", n + 1
	    with open(name, "wb") as f:
	        pickle.dump(model(**change), f, 3)
	    if words:
	        print(name, words, sep="\t", file=cases, flush=True)
	case("")
	case("", description={"url": "x" * 70000})
	case("the classifier is sklearn.preprocessing._data.StandardScaler; LogisticRegression", Model=of(Scaler))
	case("the scaler is a dict; StandardScaler is known", Scaler_={})
	case("coef_ has 3 columns for 2 features", classifier=dict(coef_=np.ones((3, 3))))
	case("coef_ has 2 rows for 3 classes", classifier=dict(coef_=np.ones((2, 2))))
	case("coef_ has 3 dimensions", classifier=dict(coef_=np.ones((3, 2, 1))))
	case("coef_: numpy type S4 does not hold numbers", classifier=dict(coef_=np.full((3, 2), b"word")))
	case("coef_: element 2 is not a number", classifier=dict(coef_=np.array([[1, None], [1, 2], [1, 2]], object)))
	case("coef_ is a text, not an array", classifier=dict(coef_="much"))
	case("intercept_ has 2 values for 3 rows", classifier=dict(intercept_=np.zeros(2)))
	case("intercept_ is a text", classifier=dict(intercept_="none"))
	case("the scaler's mean_ has 3 values for 2 features", scaler=dict(mean_=np.zeros(3)))
	case("the scaler's scale_ has 1 values for 2 features", scaler=dict(scale_=np.ones(1)))
	case("the scaler does not say with_mean", scaler=dict(with_mean="yes"))
	case("classes_: element 2 is no name", classifier=dict(classes_=np.array([1, np.inf, 3])))
	case("classes_: element 2 is no name", classifier=dict(classes_=np.array([1, 10**17, 3])))
	case("classes_ has 2 dimensions, not one", classifier=dict(classes_=np.array([["T"], ["B"], ["NK"]], object)))
	case("classes_ holds a text with a NUL in it", classifier=dict(classes_=["T", "B\0", "NK"]))
	case("classes_ holds a list where a text should be", classifier=dict(classes_=["T", [], "NK"]))
	case("classes_ holds a number where a text should be", classifier=dict(classes_=["T", 1e300, "NK"]))
	case("classes_: element 2 is not text", classifier=dict(classes_=np.array([b"T", b"\xff", b"NK"])))
	case("classes_: element 1 is not text", classifier=dict(classes_=np.array([b"\x00\xd8\0\0" * 2] * 3).view("U2")))
	case("classes_: numpy type M8 holds no texts", classifier=dict(classes_=np.array([1, 2, 3], "M8[s]")))
	case("features has categories of categories", classifier=dict(features=Categorical([0, 1], Categorical([0, 1], ["a", "b"]))))
	case("features is a number, not an array", classifier=dict(features=Categorical([0, 1], 1.5)))
	case("coef_: a sparse matrix without a shape", classifier=dict(coef_=of(Csr, _shape=(3,))))
	case("coef_: a sparse matrix of more than 3 x 2 numbers", classifier=dict(coef_=of(Csr, _shape=(3, -1))))
	case("indptr is nothing, not an array", classifier=dict(coef_=of(Csr, _shape=(3, 2), data=np.ones(1), indices=np.zeros(1, "i4"))))
	case("data has 2 columns", classifier=dict(coef_=of(Csr, _shape=(3, 2), data=np.ones((1, 2)))))
	many = np.array([f"g{i}" for i in range(20000)])
	case("coef_: a sparse matrix of 20000 x 20000 numbers: not a model", classifier=dict(classes_=many, features=many, coef_=of(Csr, _shape=(20000, 20000))))
	END
	lr-model info p0.pkl | grep -q 'cell types: T, B, NK'
	refused lr-model info @
	fails 1 "out.h5: the card's url is longer than 60,000 bytes" lr-model import p1.pkl -o out.h5
	gzip <p0.pkl >flip.pkl.gz
	printf '\377\377\377\377' | dd of=flip.pkl.gz bs=1 seek=60 conv=notrunc 2>/dev/null
	fails 1 'flip.pkl.gz: the gzip data is damaged ' lr-model info flip.pkl.gz
	truncate -s 600M huge.pkl
	fails 1 'huge.pkl: more than 512 MB: not a model' lr-model info huge.pkl
}

# until_said WORDS CLASS CMD...: one of the first calls of a class finds no space, and the command says so.
until_said() {
	local words=$1 class=$2 n
	shift 2
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		run_split "$FAULT" -c "$class" -n "$n" -d ENOSPC "$@"
		[ "$status" -ne 1 ] || ! grep -qE -- "$words" <<<"$errors" || return 0
		echo "$n: $status: $errors"
		[ "$status" -ne 0 ] || find . -name 'out*' -delete
	done
	return 1
}

@test "options and cells that no model can be trained on or mapped with" {
	needs mtl-train vae-train vae-map vae-model
	python - "$G" <<-'END'
	import h5py, numpy as np, shutil, sys
	def made(name, change, source="ref"):
	    shutil.copy(f"{sys.argv[1]}/{source}.h5ad", name)
	    with h5py.File(name, "r+") as f:
	        change(f)
	def hole(column):
	    def change(f):
	        f[f"obs/{column}/codes"][3] = -1
	    return change
	def negative(f):
	    f["X/data"][40] = -2
	def same(f):
	    f["obs/truth/codes"][:] = 0
	def places(f):
	    values = np.zeros((600, 2))
	    values[4, 1] = np.nan
	    f.create_group("obsm").create_dataset("X_odd", data=values) if "obsm" not in f else f["obsm"].create_dataset("X_odd", data=values)
	def few(f):
	    f["obs/truth/codes"][3:] = -1
	def nothing(f):
	    f["X/data"][:] = 0
	def other(f):
	    f["obs/batch/categories"][1] = "zz"
	made("hole.h5ad", hole("batch")), made("minus.h5ad", negative), made("same.h5ad", same), made("places.h5ad", places)
	made("few.h5ad", few), made("nothing.h5ad", nothing), made("other.h5ad", other), made("minusq.h5ad", negative, "query")
	made("holeq.h5ad", hole("batch"), "query")
	END
	fails 2 '--unknown, --high, --margin, --share and --min-coverage are from 0 to 1' mtl-predict -m m.h5 --unknown 2 x.h5ad -o out.tsv
	fails 2 '-k is 1 or more' mtl-predict -m m.h5 -k 0 x.h5ad -o out.tsv
	fails 2 '--coordinates go into an h5ad: --h5ad FILE' mtl-predict -m m.h5 --coordinates x.h5ad -o out.tsv
	fails 2 '--epochs, --mini-batch and --every are 1 or more' mtl-train -l truth -e 0 x.h5ad -o out.h5
	fails 2 '--patience watches the cells held out: --held-out above 0' mtl-train -l truth --patience 2 --held-out 0 x.h5ad -o out.h5
	local train=(mtl-train --preset small -g all -e 1)
	fails 2 '--labels: from 1 to 16 columns' "${train[@]}" -l a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q "$G/ref.h5ad" -o out.h5
	fails 2 '--coordinates: at most 4' "${train[@]}" -l truth --coordinates a,b,c,d,e "$G/ref.h5ad" -o out.h5
	fails 1 'same.h5ad: obs/truth: 1 label: a model needs two' "${train[@]}" -l truth same.h5ad -o out.h5
	fails 1 'places.h5ad: obsm/X_odd: cell 5 holds no number' "${train[@]}" -l truth --coordinates X_odd places.h5ad -o out.h5
	fails 1 '[0-9]* cells with labels to train on: [0-9]* are the fewest' "${train[@]}" -l truth few.h5ad -o out.h5
	fails 2 '--dropout is from 0 to below 1' vae-train --dropout 1 x.h5ad -o out.h5
	fails 2 '--rate is above 0, --train-share above 0 up to 1, --mini-batch 2 or more' vae-train --mini-batch 1 x.h5ad -o out.h5
	fails 2 '--patience watches the cells that do not train: --train-share below 1' vae-train --patience 2 --train-share 1 x.h5ad -o out.h5
	train=(vae-train -q -g all --hidden 4 --latent 2 -e 1)
	fails 1 'hole.h5ad: obs/batch: 1 cells have no batch' "${train[@]}" -b batch hole.h5ad -o out.h5
	fails 1 'same.h5ad: obs/truth: 1 label: a classifier needs two' "${train[@]}" -l truth same.h5ad -o out.h5
	fails 1 'cell [0-9]* holds -2: counts are not negative' "${train[@]}" --slot X minus.h5ad -o out.h5
	fails 1 '0 cells with counts to train on: [0-9]* are the fewest' "${train[@]}" --slot X nothing.h5ad -o out.h5
	"${train[@]}" -b batch -l truth --class-epochs 1 "$G/ref.h5ad" -o from.h5
	fails 1 'from.h5: its batch 2 is b1, not b2' "${train[@]}" --from from.h5 -b batch -l truth other.h5ad -o out.h5
	fails 1 'from.h5: its labels are not those of the file \(Zymogenic\)' "${train[@]}" --from from.h5 -b batch -l lab --unlabeled none "$G/ref.h5ad" -o out.h5
	fails 2 '--min-coverage is from 0 to 1, --rate above 0, --gain 0 or more' vae-map --min-coverage 2 -m from.h5 x.h5ad -o out.h5ad
	fails 1 'vae-map: nowhere.h5: ' vae-map -m nowhere.h5 "$G/query.h5ad" -o out.h5ad
	fails 1 'holeq.h5ad: obs/batch: 1 cells have no batch' vae-map -m from.h5 -b batch holeq.h5ad -o out.h5ad
	fails 1 'cell [0-9]* holds -2: counts are not negative' vae-map --no-surgery --slot X -m from.h5 minusq.h5ad -o out.h5ad
	fails 2 'info needs one model' vae-model info from.h5 from.h5
	mtl-train -q --preset small -g all -e 1 -l truth "$G/ref.h5ad" -o fine.h5
	fails 1 'nowhere/out.tsv' mtl-predict -m fine.h5 "$G/query.h5ad" -o nowhere/out.tsv
	mtl-train -q --preset small -g all -e 2 --every 1 -l truth --checkpoint point.h5 "$G/ref.h5ad" -o fine.h5
	python -c 'import h5py; h5py.File("point.h5", "r+")["steps"][...] = 0'
	fails 1 'point.h5: /steps is 0' mtl-train --preset small -g all -e 2 --every 1 -l truth --checkpoint point.h5 "$G/ref.h5ad" -o out.h5
	if [ -x "$FAULT" ]; then
		until_said 'scratch file of counts: No space left on device' write "${train[@]}" --memory 1 "$G/ref.h5ad" -o out.h5
		until_said 'out.pt: .*No space left on device' write vae-model export from.h5 -o out.pt
		until_said 'out.pt: cannot be written: ' open vae-model export from.h5 -o out.pt
		until_said 'out.pt: cannot be written: No space left on device' close vae-model export from.h5 -o out.pt
	fi
	[ -z "$(find . -name 'out*' -print -quit)" ]
}

@test "models that are asked for, written or named in a way that cannot be" {
	python - <<-'END'
	import h5py, numpy as np
	text = lambda *v: np.array([t.encode() for t in v], "S8")
	def model(name, total, genes=("CD3D", "CD19")):
	    with h5py.File(name, "w") as f:
	        f.attrs.update(dict(format="pipette-model", format_version=1, loss="softmax", clip=10.0, target_sum=total, with_mean=False))
	        f["classes"], f["genes"], f["coef"] = text("T", "B"), text(*genes), np.eye(2, 2)
	        f["intercept"], f["mean"], f["scale"] = np.zeros(2), np.zeros(2), np.ones(2)
	model("a.h5", 1e4), model("b.h5", 1e6)
	END
	mkdir other
	cp a.h5 other
	fails 1 'a and b were trained on different target sums' lr-predict -m a.h5 -m b.h5 "$GOLDEN/pbmc_query.h5ad" -o out.tsv
	fails 2 'two models are called a \(a.h5, other/a.h5\)' lr-predict -m a.h5 -m other/a.h5 "$GOLDEN/pbmc_query.h5ad" -o out.tsv
	fails 1 'stdin: Bad file descriptor' sh -c 'lr-model info - <&-'
	python - <<-'END'
	import os, pty, subprocess
	ours, theirs = pty.openpty()
	run = subprocess.run(["lr-model", "info", "-"], stdin=theirs, stderr=subprocess.PIPE)
	assert run.returncode == 1 and b"stdin: is a terminal, and a model was expected" in run.stderr, run
	END
	fails 2 '--factors 0: at least one' lr-model learn-factors --factors 0 a.h5 "$GOLDEN/pbmc_query.h5ad" -o out.h5
	fails 1 'nowhere.h5ad' lr-model learn-factors a.h5 nowhere.h5ad -o out.h5
	fails 1 'not there \(PIPETTE_DATA is' env PIPETTE_DATA="$PWD" lr-model import --genes approved a.h5 -o out.h5
	if [ -x "$BIN/llm-annotate" ]; then
		fails 2 '--repeat is 1 to 100; --timeout and --max-tokens are 1 or more' llm-annotate --dry-run -m x --repeat 0 x.tsv -o out.jsonl
		fails 1 'nowhere.key' llm-annotate --url http://127.0.0.1:1 -m x --key-file nowhere.key "$DATA/evidence/candidates.tsv" -o out.jsonl
	fi
	fails 1 'nowhere/out.tsv' lr-model import --genes approved --report nowhere/out.tsv a.h5 -o out.h5
	if [ -x "$FAULT" ]; then
		fails 1 'out.pkl: cannot be written: No space left on device' "$FAULT" -c write -n 1 -d ENOSPC lr-model export a.h5 -o out.pkl
	fi
	[ -z "$(find . -name 'out*' -print -quit)" ]
}
