# spoilt.bash - a small h5ad with one of every part, and what is said of it when one is wrong (load spoilt).

# base FILE: four cells and five genes, with one of every part.
base() {
	python - "$1" <<-'END'
	import sys, h5py, numpy as np
	text = h5py.string_dtype()
	def made(parent, name, kind, version="0.2.0", **parts):
	    g = parent.create_group(name)
	    g.attrs["encoding-type"], g.attrs["encoding-version"] = kind, version
	    for part, values in parts.items():
	        g[part] = values
	    return g
	def array(parent, name, values, kind="array"):
	    parent.create_dataset(name, data=values, dtype=text if kind == "string-array" else None)
	    parent[name].attrs["encoding-type"], parent[name].attrs["encoding-version"] = kind, "0.2.0"
	def sparse(parent, name, kind, values):
	    lines = values if kind == "csr_matrix" else values.T
	    at = [np.flatnonzero(line) for line in lines]
	    g = made(parent, name, kind, "0.1.0", data=np.concatenate([line[i] for line, i in zip(lines, at)]),
	             indices=np.concatenate(at).astype("i4"), indptr=np.cumsum([0] + [len(i) for i in at]).astype("i4"))
	    g.attrs["shape"] = np.array(values.shape, "i8")
	def frame(parent, name, keys, columns=()):
	    g = made(parent, name, "dataframe")
	    array(g, "_index", keys, "string-array")
	    g.attrs["_index"], g.attrs["column-order"] = "_index", np.array(columns, text)
	    return g
	cells, genes = ["c1", "c2", "c3", "c4"], ["g1", "g2", "g3", "g4", "g5"]
	counts = np.array([[1, 0, 2, 0, 3], [0, 4, 0, 5, 0], [6, 0, 0, 0, 7], [0, 8, 9, 0, 1]], "f4")
	with h5py.File(sys.argv[1], "w") as f:
	    f.attrs["encoding-type"], f.attrs["encoding-version"] = "anndata", "0.1.0"
	    obs = frame(f, "obs", cells, ["n", "x", "t", "b", "c", "q"])
	    array(obs, "n", np.arange(4)), array(obs, "x", np.arange(4) / 2), array(obs, "t", list("abcd"), "string-array")
	    array(obs, "b", np.array([1, 0, 1, 0], bool))
	    made(obs, "c", "categorical", codes=np.array([0, 1, 0, -1], "i1")).attrs["ordered"] = False
	    array(obs["c"], "categories", ["T", "B"], "string-array")
	    made(obs, "q", "nullable-integer", "0.1.0", values=np.arange(4), mask=np.array([0, 0, 0, 1], bool))
	    frame(f, "var", genes)
	    sparse(f, "X", "csr_matrix", counts)
	    made(f, "layers", "dict", "0.1.0"), array(f["layers"], "d", counts), sparse(f["layers"], "s", "csc_matrix", counts)
	    raw = made(f, "raw", "raw", "0.1.0")
	    sparse(raw, "X", "csc_matrix", counts), frame(raw, "var", genes), made(raw, "varm", "dict", "0.1.0")
	    obsm = made(f, "obsm", "dict", "0.1.0")
	    array(obsm, "X_p", np.arange(8.).reshape(4, 2)), sparse(obsm, "s", "csr_matrix", counts[:, :3])
	    sparse(obsm, "v", "csc_matrix", counts[:, :3]), array(frame(obsm, "f", cells, ["n"]), "n", np.arange(4))
	    made(f, "varm", "dict", "0.1.0"), array(f["varm"], "PCs", np.arange(10.).reshape(5, 2))
	    made(f, "obsp", "dict", "0.1.0"), sparse(f["obsp"], "g", "csr_matrix", np.eye(4, dtype="f4")[::-1])
	    made(f, "varp", "dict", "0.1.0"), sparse(f["varp"], "g", "csr_matrix", np.eye(5, dtype="f4"))
	    made(f, "uns", "dict", "0.1.0").create_dataset("k", data=3)
	END
}

# refused BASE COMMAND...: a line of standard input is what the command says of BASE after the statements of
# Python that follow two bars. put() gives an object other values, junk() packed ones that cannot be unpacked.
# IN is the file made worse, OUT what would be written.
refused() {
	local from=$1 words n=0
	shift
	cat >cases
	python - "$from" <<-'END'
	import shutil, sys, h5py, numpy as np
	text = h5py.string_dtype()
	def put(f, name, values, **how):
	    attributes = dict(f[name].attrs) if name in f else {}
	    if name in f:
	        del f[name]
	    f.create_dataset(name, data=values, **how)
	    f[name].attrs.update(attributes)
	def junk(f, name):
	    values = f[name][()]
	    put(f, name, values, chunks=values.shape, compression="gzip")
	    f[name].id.write_direct_chunk((0,) * values.ndim, b"no gzip")
	for n, line in enumerate(open("cases")):
	    shutil.copy(sys.argv[1], f"bad{n}.h5ad")
	    with h5py.File(f"bad{n}.h5ad", "r+") as f:
	        exec(line.split(" || ")[1].strip())
	END
	while IFS= read -r words; do
		echo "$words"
		local command=("${@/#IN/bad$n.h5ad}")
		words=${words%% || *}
		fails 1 "^${command[0]}: (made$n.h5ad: )?${words/IN/bad$n.h5ad}" "${command[@]/#OUT/made$n.h5ad}"
		[ ! -e made$n.h5ad ]
		n=$((n + 1))
	done <cases
	[ $n -gt 0 ]
}
