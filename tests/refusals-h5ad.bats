load helper
load spoilt
# Files of HDF5 that a program, or a hand that meant well, left wrong: each is refused, and it is said
# what is wrong with which object of which file. No byte is damaged; reliability's row damage does that.

@test "h5ad: tables and their columns" {
	base good.h5ad
	h5-info --columns obs good.h5ad -o fine.tsv
	refused good.h5ad h5-info IN -o OUT <<-'END'
	IN: /obs/n: is not a one-dimensional array || put(f, "obs/n", np.zeros((4, 1)))
	IN: /obs/c/codes: is not a one-dimensional array || del f["obs/c/codes"]; f.create_group("obs/c/codes")
	IN: /obs/n: has 3 values, but the table has 4 rows || put(f, "obs/n", np.zeros(3))
	IN: /obs/z: a column of kind 'other' cannot be read || f.create_group("obs/z").attrs["encoding-type"] = "other"; f["obs"].attrs["column-order"] = ["z"]
	IN: /obs/z: a column of kind 'group' cannot be read || f.create_group("obs/z"); f["obs"].attrs["column-order"] = ["z"]
	IN: /obs/z: is neither an array nor a group || f["obs/z"] = np.dtype("i4"); f["obs"].attrs["column-order"] = ["z"]
	IN: /obs: the column 'n' is there twice || f["obs"].attrs["column-order"] = ["n", "x", "n"]
	IN: the attribute 'column-order' is not a list of strings || f["obs"].attrs["column-order"] = [1, 2]
	IN: /obs: the column of names cannot be found || del f["obs"].attrs["_index"]; del f["obs/_index"]
	IN: /var: is not a table || del f["var"]; f["var"] = np.dtype("i4")
	IN: /var: is not a table || del f["var"]; f["var"] = np.zeros((2, 2), [("a", "i4")])
	IN: /raw/var: is not a table || del f["raw/var"]; f["raw/var"] = np.dtype("i4")
	END
	refused good.h5ad h5-obs get IN -o OUT <<-'END'
	IN: /obs/t: row 1: the text is not UTF-8 || put(f, "obs/t", np.array([b"a", b"\xff", b"", b""], "S2"))
	IN: /obs/n: values of this type cannot be read || put(f, "obs/n", np.zeros(4, [("r", "f4"), ("i", "f4")]))
	IN: /obs/c/categories: values of this type cannot be read || put(f, "obs/c/categories", np.zeros(2, [("r", "f4"), ("i", "f4")]))
	IN: /obs/c/codes: is not an array of integers || put(f, "obs/c/codes", np.zeros(4))
	IN: /obs/c/codes: row 2: category code 7, but there are 2 categories || f["obs/c/codes"][2] = 7
	IN: /obs/c/codes: row 2: category code -2, but there are 2 categories || f["obs/c/codes"][2] = -2
	IN: /obs/c: the category 'T' is listed twice || f["obs/c/categories"][1] = "T"
	IN: /obs/c/categories: there is no such object || del f["obs/c/categories"]
	IN: /obs/q/mask: there is no such object || del f["obs/q/mask"]
	IN: /obs/q/mask: has 3 values, but there are 4 rows || put(f, "obs/q/mask", np.zeros(3, bool))
	IN: /obs/q/mask: is not an array of booleans || put(f, "obs/q/mask", np.zeros(4, "i1"))
	IN: /obs/b: row 3: 2 is not a boolean || f["obs/b"].id.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([0, 1, 0, 2], "i1"), f["obs/b"].id.get_type())
	IN: /obs: row 3 has no name || f["obs"].attrs["_index"] = "q"
	IN: /obs/n: its categories cannot be found || f["obs/n"].attrs["categories"] = 3
	IN: /obs/c/categories: 2147483648 categories are more than can be read || put(f, "obs/c/categories", None, shape=(2**31,), dtype="S1", chunks=(2**20,)); [f["obs/c/categories"].id.write_direct_chunk((i << 20,), bytes(999), 1) for i in range(2048)]
	END
}

@test "h5ad: matrices" {
	base good.h5ad
	refused good.h5ad h5-info IN -o OUT <<-'END'
	IN: /layers/d: has 3 dimensions instead of 2 || put(f, "layers/d", np.zeros((4, 5, 1)))
	IN: /layers/d: has 3 cells, but obs has 4 || put(f, "layers/d", np.zeros((3, 5)))
	IN: /raw/X: has 6 genes, but raw/var has 5 || f["raw/X"].attrs["shape"] = [4, 6]
	IN: /layers/d: the values are not numbers of a type that can be read || put(f, "layers/d", np.full((4, 5), "x", object), dtype=text)
	IN: /X: the values are not numbers of a type that can be read || put(f, "X/data", np.full(10, "x", object), dtype=text)
	IN: /X: 2147483648 genes are more than can be read || del f["layers"], f["var/_index"]; f["X"].attrs["shape"] = [4, 2**31]; f.create_dataset("var/_index", (2**31,), "S1", chunks=(999,))
	IN: /X: its shape is impossible || del f["obs/_index"], f["var/_index"], f["X"], f["layers"]; f["obs"].attrs["column-order"] = np.array([], text); f.create_dataset("obs/_index", (2**34,), "S1", chunks=(999,)); f.create_dataset("var/_index", (2**31 - 1,), "S1", chunks=(999,)); f.create_dataset("X", (2**34, 2**31 - 1), "f4", chunks=(9, 9))
	IN: /X/data: is not a one-dimensional array || put(f, "X/data", np.zeros((10, 1)))
	IN: /X: data has 10 values, but indices has 3 || put(f, "X/indices", np.zeros(3, "i4"))
	IN: /X/indptr: cannot be read .inflate.. failed || junk(f, "X/indptr")
	IN: /X: indices and indptr must be integers || put(f, "X/indptr", f["X/indptr"][()].astype("f8"))
	IN: /X: is not a matrix || del f["X"]; f["X"] = np.dtype("i4")
	IN: /X: is a group of no known kind, not a matrix that can be read || del f["X"].attrs["encoding-type"]
	IN: /X: its shape is missing or damaged || f["X"].attrs["shape"] = [4, 5, 1]
	IN: /X: its shape is missing or damaged || f["X"].attrs["shape"] = [4, 1.5]
	END
	refused good.h5ad lognorm --as counts --slot X IN -o OUT <<-'END'
	IN: /X: cell 1: gene index 5, but there are 5 genes || f["X/indices"][3] = 5
	IN: /X: cell 1: a gene index is negative || f["X/indices"][3] = -1
	IN: /X: cell 0 has gene 2 twice || f["X/indices"][:3] = [2, 2, 0]
	IN: /X: cell 1, gene 1: the value is NaN || f["X/data"][3] = np.nan
	IN: /X: cell 1, gene 1: the value is infinite || f["X/data"][3] = np.inf
	IN: /X: cell 1, gene 1: the integer stored there is above 16777216 || put(f, "X/data", np.array([1, 2, 3, 2**24 + 1, 5, 6, 7, 8, 9, 1]))
	IN: /X/indptr: it decreases from 5 to 3 at cell 1 || f["X/indptr"][1] = 5; f["X/indptr"][2] = 3
	IN: /X/indptr: cell 0 ends at 99, but 10 values are stored || f["X/indptr"][1] = 99
	IN: /X: cell 0 has 7 stored values, but there are only 5 genes || f["X/indptr"][1] = 7; f["X/indptr"][2] = 7
	IN: /X/data: chunk 0: the gzip data are damaged || junk(f, "X/data")
	IN: /X/data: 9 filters are more than can be read || d = f["X/data"][()]; p = h5py.h5p.create(h5py.h5p.DATASET_CREATE); p.set_chunk((10,)); [p.set_shuffle() for _ in range(9)]; del f["X/data"]; h5py.h5d.create(f["X"].id, b"data", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple(d.shape), p); f["X/data"][:] = d
	END
	refused good.h5ad lognorm --as counts --slot layers/s IN -o OUT <<-'END'
	IN: /layers/s: gene 1: cell index 4, but there are 4 cells || f["layers/s/indices"][2] = 4
	IN: /layers/s: gene 1 has 6 stored values, but there are only 4 cells || f["layers/s/indptr"][1:3] = [0, 6]
	END
	refused good.h5ad layout --obsp g --start graph IN -o OUT <<-'END'
	no usable graph .*: IN: /obsp/g: holds no matrix || f["obsp/g"].attrs["encoding-type"] = "null"
	IN: /obsp/g: cell 1: cell index 4, but there are 4 cells || f["obsp/g/indices"][1] = 4
	END
	refused good.h5ad layout --obsp g --start coordinates --use X_p IN -o OUT <<-'END'
	IN: /obsm/X_p: is not a dense array of numbers || put(f, "obsm/X_p", np.full((4, 2), "x", object), dtype=text)
	IN: /obsm/X_p: has 3 rows, but obs has 4 || put(f, "obsm/X_p", np.zeros((3, 2)))
	IN: /obsm/X_p: cannot be read || junk(f, "obsm/X_p")
	END
	refused good.h5ad norm-check --slot X IN -o OUT <<-'END'
	IN: /X: 2147483648 cells x 5 genes are too many || del f["obs"].attrs["column-order"], f["layers"], f["raw"], f["obs/_index"]; f["obs"].attrs["column-order"] = np.array([], text); f.create_dataset("obs/_index", (2**31,), "S1", chunks=(999,)); f["X"].attrs["encoding-type"] = "csc_matrix"; f["X"].attrs["shape"] = [2**31, 5]; put(f, "X/indptr", np.zeros(6, "i4"))
	END
	refused good.h5ad norm-check IN -o OUT <<-'END'
	IN: there is no matrix in it || del f["X"], f["layers"], f["raw"]
	END
}

@test "h5ad: what cannot be carried over" {
	base good.h5ad
	refused good.h5ad lognorm --as counts --slot X IN -o OUT <<-'END'
	IN: 'loop': groups lie more than 100 deep, or hold each other || f["uns/loop"] = f["uns"]
	IN: /uns/a/a/a.*: groups lie more than 100 deep || g = f["uns"]; [g := g.create_group("a") for _ in range(300)]
	IN: /uns/new: has 2 values, and no mask of as many || g = f.create_group("uns/new"); g.attrs["encoding-type"] = "nullable-string-array"; g["values"] = np.array([b"a", b"b"]); g["mask"] = np.zeros(3, bool)
	END
}

@test "h5ad: what follows the cells that are kept" {
	base good.h5ad
	refused good.h5ad h5-select --where 't!=c' IN -o OUT <<-'END'
	IN: obsm/X_p: has 3 rows, expected 4 || put(f, "obsm/X_p", np.zeros((3, 2)))
	IN: obsm/X_p: has 0 rows, expected 4 || put(f, "obsm/X_p", 1.)
	obsm/X_p of IN cannot be read: inflate.. failed || junk(f, "obsm/X_p")
	IN: obsm/s: has no shape || del f["obsm/s"].attrs["shape"]
	IN: obsm/s: is too wide || f["obsm/s"].attrs["shape"] = [4, 2**33]
	obsm/s of IN cannot be read || del f["obsm/s/indptr"]
	obsm/s of IN cannot be read: inflate.. failed || junk(f, "obsm/s/indptr")
	obsm/s of IN cannot be read: inflate.. failed || junk(f, "obsm/s/data")
	IN: obsm/s: its arrays do not fit together || put(f, "obsm/s/indices", np.zeros(3, "i4"))
	IN: obsm/s: indptr is damaged || f["obsm/s/indptr"][0] = 1
	IN: obsm/s: indptr is damaged || f["obsm/s/indptr"][1] = 9
	IN: obsm/s: index 3 is out of range || f["obsm/s/indices"][0] = 3
	IN: obsm/v: index 4 is out of range || f["obsm/v/indices"][0] = 4
	IN: /obsm/f: has 3 rows, expected 4 || del f["obsm/f/n"]; f["obsm/f"].attrs["column-order"] = np.array([], text); put(f, "obsm/f/_index", ["a", "b", "c"], dtype=text)
	IN: obsm/z: is of a kind whose rows cannot be taken || f.create_group("obsm/z")
	IN: obsp/g: has 3 rows, expected 4 || f["obsp/g"].attrs["shape"] = [3, 4]
	IN: obsp/g: has 3 columns, expected 4 || f["obsp/g"].attrs["shape"] = [4, 3]
	IN: obsp/d: has 0 columns, expected 4 || f["obsp/d"] = np.zeros(4)
	END
}

@test "h5ad: what is put under each other" {
	base good.h5ad
	refused good.h5ad concat --mixed good.h5ad IN -o OUT <<-'END'
	IN: there is no X || del f["X"]
	IN: two genes are called g1 || f["var/_index"][1] = "g1"
	IN: /obs/t: row 1: the text is not UTF-8 || put(f, "obs/t", np.array([b"a", b"\xff", b"", b""], "S2"))
	IN: obsm/s: its arrays do not fit together || put(f, "obsm/s/indices", np.zeros(3, "i4"))
	IN: obsm/s: its arrays do not fit together || del f["obsm/s/indptr"]
	obsm/s of IN cannot be read: inflate.. failed || junk(f, "obsm/s/data")
	IN: obsm/s: indptr is damaged || f["obsm/s/indptr"][0] = 1
	IN: obsm/s: indptr is damaged || f["obsm/s/indptr"][1] = 9
	IN: obsm/s: index 3 is out of range || f["obsm/s/indices"][0] = 3
	IN: obsm/v: index -1 is out of range || f["obsm/v/indices"][0] = -1
	IN: /obsm/f: has 3 rows, but obs has 4 || del f["obsm/f/n"]; f["obsm/f"].attrs["column-order"] = np.array([], text); put(f, "obsm/f/_index", ["a", "b", "c"], dtype=text)
	IN: varm/PCs: cannot be read || junk(f, "varm/PCs")
	END
}

@test "h5ad: parts that an older anndata wrote" {
	base good.h5ad
	python - <<-'END'
	import h5py, numpy as np
	with h5py.File("good.h5ad", "r+") as f:
	    del f.attrs["encoding-type"], f.attrs["encoding-version"]
	    del f["obsm"]
	    f["obsm"] = np.zeros(4, [("X_p", "f4", 2), ("one", "f4")])
	    f["uns/fixed"] = np.array([b"a", b"b"])
	END
	lognorm -q --as counts --slot X good.h5ad -o fine.h5ad
	refused good.h5ad lognorm --as counts --slot X IN -o OUT <<-'END'
	IN: /obsp/g: has no shape || del f["obsp/g"].attrs["shape"]
	IN: /uns/fixed: cannot be read || junk(f, "uns/fixed")
	IN: /obsm: field 'X_p' cannot be read || junk(f, "obsm")
	END
	refused good.h5ad layout --obsp g --start coordinates --use X_p IN -o OUT <<-'END'
	IN: /obsm/X_p: is not a dense array of numbers || put(f, "obsm", np.zeros(4, [("X_p", "S3")]))
	IN: /obsm/X_p: has 3 rows, but obs has 4 || put(f, "obsm", f["obsm"][:3])
	END
}

@test "h5ad: texts that share their bytes" {
	python - <<-'END'
	import h5py
	text = h5py.string_dtype()
	with h5py.File("long.h5ad", "w") as f:
	    for name, n in ("obs", 12000), ("var", 1):
	        g = f.create_group(name)
	        g.attrs["encoding-type"], g.attrs["encoding-version"], g.attrs["_index"] = "dataframe", "0.2.0", "_index"
	        g.attrs.create("column-order", [], dtype=text)
	        g.create_dataset("_index", data=["x" * 50] + ["y"] * (n - 1), dtype=text)
	    at = f["obs/_index"].id.get_offset()
	with open("long.h5ad", "r+b") as f:
	    f.seek(at)
	    first = f.read(16)
	    f.seek(at)
	    f.write(first * 12000)
	END
	fails 1 'long.h5ad: /obs/_index: row [0-9]+: the strings are longer than the file' h5-obs get long.h5ad -o out.tsv
	[ ! -e out.tsv ]
}
