load helper

IN=$GOLDEN/sample_counts.h5ad

names() { probe "$1" "$2" | cut -f1 | tail -n +2; } # names obs|var FILE

@test "listed genes are kept in the file's order, missing ones are counted and written" {
	names var "$IN" | sed -n '500p;20p' >list
	echo NOSUCH >>list
	h5-select --genes list --missing missing.tsv "$IN" -o out.h5ad 2>message
	grep -q '2 of 3 listed genes are in the file, 1 are missing' message
	printf 'gene\nNOSUCH\n' >want
	same missing.tsv want
	names var out.h5ad >got
	names var "$IN" | sed -n '20p;500p' >want
	same got want
	[ "$(names obs out.h5ad | wc -l)" -eq 559 ]
}

@test "panels: a list with a header, 10x's csv, Ensembl ids, Xenium's JSON" {
	local a b file
	a=$(names var "$IN" | sed -n 100p)
	b=$(names var "$IN" | sed -n 200p)
	printf '# ours\ngene\n%s\n\n%s\n' "$a" "$b" >list.txt
	printf 'Ensembl_ID,Genes,Num_Probesets\nENSG1,"%s",8\nENSG2,%s,8\n' "$a" "$b" >table.csv
	printf 'gene_id\tname\n%s\tX1\n%s\tX2\n' "$a" "$b" >ids.tsv
	cat >panel.json <<END
{"payload": {"targets": [
 {"type": {"descriptor": "gene", "data": {"id": "ENSG1", "name": "$a"}}},
 {"type": {"descriptor": "negative_control_probe", "data": {"name": "MALAT1"}}},
 {"type": {"descriptor": "gene", "data": {"id": "ENSG2", "name": "$b"}}}]}}
END
	echo "[\"$a\", \"$b\"]" >array.json
	printf '%s\n%s\n' "$a" "$b" | sort >want
	for file in list.txt table.csv ids.tsv panel.json array.json; do
		h5-select -q --genes "$file" "$IN" -o out.h5ad || { echo "$file"; return 1; }
		names var out.h5ad | sort >got
		same got want || { echo "$file"; return 1; }
	done
	h5-select -q --genes <(cat list.txt) "$IN" -o out.h5ad
	h5-select -q --genes - "$IN" -o out.h5ad <list.txt
	names var out.h5ad | sort >got
	same got want
}

@test "values are those of the whole file" {
	names var "$IN" | awk 'NR % 50 == 0' >genes
	names obs "$IN" | awk 'NR % 3 == 0' >cells
	h5-select -q --genes genes --cells cells "$IN" -o out.h5ad
	probe X out.h5ad >got
	probe X "$IN" | awk -F '\t' 'FILENAME == "genes" { g[$1]; next } FILENAME == "cells" { c[$1]; next }
		($1 in c) && ($2 in g)' genes cells - >want
	same got want
	[ "$(wc -l <got)" -gt 100 ]
}

@test "a list of cells may be csv, with quotes, and names may have commas" {
	local cells
	cells=$(names obs "$IN" | sed -n '3p;9p')
	sort <<<"$cells" >want
	awk 'BEGIN { print "barcode,x" } { print $0 ",1" }' <<<"$cells" >plain.csv
	awk 'BEGIN { print "\"\",\"x\"" } { print "\"" $0 "\",\"a,b\"" }' <<<"$cells" >quoted.csv
	awk '{ print "\"" $0 "\"" }' <<<"$cells" >quoted.txt
	for list in plain.csv quoted.csv quoted.txt; do
		h5-select -q -c "$list" "$IN" -o out.h5ad || { echo "$list"; return 1; }
		names obs out.h5ad | sort >got
		same got want || { echo "$list"; return 1; }
	done
	printf 'cell,g1\n"a,b",1\na,2\nc,3\n' >commas.csv
	h5-import -q commas.csv -o commas.h5ad
	echo 'a,b' >list
	h5-select -q -c list commas.h5ad -o out.h5ad
	names obs out.h5ad | grep -qx 'a,b'
}

@test "--where knows a number by its value, not its spelling" {
	local value
	h5-obs get "$IN" | awk -F '\t' 'NR == 1 { print "cell\tn\tx" } NR > 1 { print $1 "\t" NR % 4 "\t" (NR % 4) / 10 + 0.5 }' >t.tsv
	h5-obs put -q -f t.tsv "$IN" -o numbers.h5ad
	awk -F '\t' '$2 == 3 { print $1 }' t.tsv >want
	[ "$(wc -l <want)" -gt 100 ]
	for value in n=3 n=3.0 n=3e0 x=0.8 x=0.80 x=8e-1 'n!=0.0,1.0,2.0'; do
		h5-select -q -w "$value" numbers.h5ad -o out.h5ad
		names obs out.h5ad >got
		same got want || { echo "$value"; return 1; }
	done
	fails 3 'no cell has n = 3.5' h5-select -w n=3.5 numbers.h5ad -o no.h5ad
}

@test "--where compares numbers by size, and leaves cells without one out" {
	python - "$IN" <<-'P'
	import sys, h5py
	names = h5py.File(sys.argv[1])["obs/_index"].asstr()[()]
	with open("n.tsv", "w") as f:
	    f.write("cell\tn\tword\n")
	    for i, name in enumerate(names):
	        f.write("%s\t%s\tw%d\n" % (name, "" if i == 7 else i / 2, i))
	P
	h5-obs put -q -f n.tsv "$IN" -o numbers.h5ad
	count() { h5-select -q -w "$1" numbers.h5ad -o some.h5ad && names obs some.h5ad | wc -l; }
	[ "$(count 'n<3')" = 6 ] && [ "$(count 'n<=3')" = 7 ] && [ "$(count 'n>=3')" = 552 ]
	[ "$(count 'n>3')" = 551 ] && [ "$(count 'n>-1')" = 558 ]
	[ "$(h5-select -q -w 'n>=3' -w 'n<4' numbers.h5ad | h5-obs get -q -c n | sed 1d | cut -f 2)" = 3 ]
	h5-subsample -q -n 0 -w 'n>275' numbers.h5ad -o some.h5ad
	[ "$(names obs some.h5ad | wc -l)" -eq 8 ]
	fails 1 "column 'word' has words: they are compared by = and !=" h5-select -w 'word>3' numbers.h5ad -o no.h5ad
	fails 2 'should be COLUMN=VALUE, COLUMN!=VALUE, or COLUMN>NUMBER' h5-select -w 'n>x' numbers.h5ad -o no.h5ad
	fails 3 'none of the 559 cells is left' h5-select -w 'n>1e9' numbers.h5ad -o no.h5ad
}

@test "genes may be given as words" {
	local a b
	a=$(names var "$IN" | sed -n 100p)
	b=$(names var "$IN" | sed -n 200p)
	h5-select -q -g "$b,$a" "$IN" -o out.h5ad
	[ "$(names var out.h5ad | paste -sd ' ')" = "$a $b" ]
	h5-select -g "$a,NOSUCH" "$IN" -o out.h5ad 2>message
	grep -q '1 of 2 listed genes are in the file, 1 are missing: NOSUCH' message
	fails 1 'there is no gene in this list' h5-select -g ,, "$IN" -o no.h5ad
	echo "$a" >a,list
	h5-select -q -g a,list "$IN" -o out.h5ad
	[ "$(names var out.h5ad)" = "$a" ]
}

@test "--where takes values, several, none of them, and values with commas" {
	h5-select -q -w part=x "$IN" -o x.h5ad
	[ "$(names obs x.h5ad | wc -l)" -eq 187 ]
	h5-select -q -w part=x,y "$IN" -o xy.h5ad
	[ "$(names obs xy.h5ad | wc -l)" -eq 559 ]
	h5-select -q -w 'part!=x' "$IN" -o y.h5ad
	[ "$(names obs y.h5ad | wc -l)" -eq 372 ]
	probe obs y.h5ad | cut -f2 | sort -u >parts
	! grep -q x parts || false
	probe kinds y.h5ad >kinds
	! grep -q 'x,y\|x, y' kinds || false
	fails 3 'none of the 559 cells is left: no cell has part = z \(there are: x, y\)' \
		h5-select -w part=z "$IN" -o no.h5ad
	h5-select -q -w 'part!=z,x' "$IN" -o out.h5ad 2>message
	grep -q 'no cell has part = z (there are: x, y)' message
	names obs out.h5ad >got
	names obs y.h5ad >want
	same got want
	h5-select -q -w part=x,y "$IN" -o out.h5ad 2>message
	[ ! -s message ]
	fails 2 '--where part: should be COLUMN=VALUE' h5-select -w part "$IN" -o no.h5ad
	fails 3 'none of the 559' h5-select -w part=x -w part=y "$IN" -o no.h5ad
	fails 1 'part' h5-select -w prat=x "$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "shards are contiguous, cover every cell once, and concat gives the whole back" {
	local i
	for i in 1 2 3; do h5-select -q --shard $i/3 "$IN" -o $i.h5ad; done
	for i in 1 2 3; do names obs $i.h5ad; done >got
	names obs "$IN" >want
	same got want
	concat -q --label none --source none --index-unique none 1.h5ad 2.h5ad 3.h5ad -o whole.h5ad
	for part in X obs; do
		probe "$part" whole.h5ad | sort >got
		probe "$part" "$IN" | sort >want
		same got want
	done
	fails 2 'I/N' h5-select --shard 4/3 "$IN" -o no.h5ad
	fails 2 'I/N' h5-select --shard 1 "$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "--min-genes counts kept genes that are not zero" {
	probe X "$IN" | awk -F '\t' '{ n[$1]++ } END { for (c in n) if (n[c] >= 1000) print c }' | sort >want
	h5-select -q --min-genes 1000 "$IN" -o out.h5ad
	names obs out.h5ad | sort >got
	same got want
	[ -s got ]
}

@test "layers, raw, obsm and obsp follow the cells" {
	h5-select -q --shard 2/4 "$GOLDEN/norm_slots.h5ad" -o out.h5ad
	for slot in raw layers/counts; do
		names obs out.h5ad >cells
		probe $slot out.h5ad >got
		probe $slot "$GOLDEN/norm_slots.h5ad" | awk -F '\t' 'FILENAME == "cells" { c[$1]; next } $1 in c' cells - >want
		[ -s want ]
		same got want
	done
}

@test "columns keep their types, and raw its varm" {
	cp "$IN" in.h5ad
	python - <<-'END'
		import h5py
		import numpy as np
		f = h5py.File("in.h5ad", "a")
		obs, n = f["obs"], f["X/indptr"].shape[0] - 1
		order = [str(name) for name in obs.attrs["column-order"]]
		def column(name, values):
		    order.append(name)
		    obs[name] = values
		    obs[name].attrs["encoding-type"] = "array"
		    obs[name].attrs["encoding-version"] = "0.2.0"
		def category(name, categories):
		    order.append(name)
		    g = obs.create_group(name)
		    g.attrs["encoding-type"], g.attrs["encoding-version"] = "categorical", "0.2.0"
		    g.attrs["ordered"] = False
		    g["codes"], g["categories"] = (np.arange(n) % len(categories)).astype("i1"), categories
		column("hash", np.arange(n, dtype="u8") + np.uint64(2**63 + 5))
		column("half", (np.arange(n) / 4).astype("f2"))
		category("cluster", np.array([-1, 0, 10]))
		category("third", np.array([0, 1 / 3]))
		category("flag", np.array([False, True]))
		obs.attrs["column-order"] = order
		if "raw" in f:
		    del f["raw"]
		f.copy("X", f.create_group("raw"), "X")
		f.copy("var", f["raw"], "var")
		f["raw/varm/PCs"] = np.ones((f["X"].attrs["shape"][1], 2))
		f.close()
	END
	h5-select -q --shard 1/2 in.h5ad -o out.h5ad
	python - <<-'END'
		import h5py
		import numpy as np
		a, b = h5py.File("in.h5ad"), h5py.File("out.h5ad")
		n = b["X/indptr"].shape[0] - 1
		for name in ("hash", "half"):
		    assert a["obs"][name].dtype == b["obs"][name].dtype, name
		    assert (a["obs"][name][:n] == b["obs"][name][:]).all(), name
		for name in ("cluster", "third", "flag"):
		    assert (a["obs"][name]["categories"][:] == b["obs"][name]["categories"][:]).all(), name
		    assert a["obs"][name]["categories"].dtype == b["obs"][name]["categories"].dtype, name
		assert (b["raw/varm/PCs"][:] == 1).all()
	END
	[ "$(h5-obs get -c hash,third out.h5ad | sed -n 3p | cut -f2,3)" = "9223372036854775814	0.3333333333333333" ]
}

@test "no gene of the panel: examples, advice, status 3" {
	printf 'ENSG00000999991\nENSG00000999992\n' >ids
	fails 3 'none of the 2 genes of ids is in the file: the list has ENSG00000999991, .*run gene-normalize' \
		h5-select --genes ids "$IN" -o no.h5ad
	echo '{"payload": {}}' >bad.json
	fails 1 'no list of genes' h5-select --genes bad.json "$IN" -o no.h5ad
	echo '{"payload": [' >bad.json
	fails 1 'bad.json:2:' h5-select --genes bad.json "$IN" -o no.h5ad
	: >empty
	fails 1 'no gene in this list' h5-select --genes empty "$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "any number of threads gives the same bytes" {
	h5-select -q -t 1 -z gzip -w part=y "$IN" -o a.h5ad
	h5-select -q -t 4 -z gzip -w part=y "$IN" -o b.h5ad
	same a.h5ad b.h5ad
}

@test "--compress holds also when nothing is dropped" {
	h5-select -q -z gzip "$GOLDEN/norm_counts.h5ad" -o out.h5ad
	h5-info out.h5ad | grep -q gzip
	probe X out.h5ad >got
	probe X "$GOLDEN/norm_counts.h5ad" >want
	same got want
}

@test "--make-unique tells cells of one name apart; lr-predict refuses them before" {
	cp "$GOLDEN/pbmc_query.h5ad" twice.h5ad
	python -c 'import h5py; o = h5py.File("twice.h5ad", "a")["obs"]; k = o[o.attrs["_index"]]; k[5] = k[2]; k[7] = k[2]'
	fails 1 'two cells are called .*h5-select --make-unique' lr-predict -m "$GOLDEN/lr.sk15.pkl" twice.h5ad -o calls.tsv
	[ ! -e calls.tsv ]
	h5-select --make-unique twice.h5ad -o once.h5ad 2>said
	grep -q '2 cells had the name of another' said
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" once.h5ad 2>/dev/null | gate -q >gated.tsv
	name=$(sed -n 4p gated.tsv | cut -f 1)
	[ "$(sed -n '7p;9p' gated.tsv | cut -f 1 | paste -sd ' ')" = "$name-1 $name-2" ]
}

@test "values that a 32-bit float cannot hold are said" {
	python - "$IN" <<-'END'
		import shutil, sys
		import h5py
		for name, large in ("large", 2.0**24 + 1), ("small", 2.0**24 + 2):
		    shutil.copy(sys.argv[1], name + ".h5ad")
		    with h5py.File(name + ".h5ad", "a") as f:
		        values = f["X/data"][:].astype("f8")
		        values[:3] = large
		        del f["X/data"]
		        f["X/data"] = values
	END
	h5-select --shard 1/2 large.h5ad -o out.h5ad 2>message
	grep -q 'large.h5ad: 3 values are above 16777216 and were rounded' message
	h5-select --shard 1/2 small.h5ad -o out.h5ad 2>message
	run grep rounded message
	[ "$status" -eq 1 ]
}

@test "text and None as only new versions of anndata have them are written as old ones read them" {
	cp "$GOLDEN/kinds_sk19.h5ad" new.h5ad
	python - <<-'P'
	import h5py, numpy as np
	f = h5py.File("new.h5ad", "r+")
	def text(at, values, mask):
	    g = f.create_group(at)
	    g.attrs.update({"encoding-type": "nullable-string-array", "encoding-version": "0.1.0"})
	    for name, data, kind in (("values", values, "string-array"), ("mask", mask, "array")):
	        d = g.create_dataset(name, data=data, dtype=h5py.string_dtype() if name == "values" else bool)
	        d.attrs.update({"encoding-type": kind, "encoding-version": "0.2.0"})
	def none(at):
	    d = f.create_dataset(at, data=h5py.Empty("f4"))
	    d.attrs.update({"encoding-type": "null", "encoding-version": "0.1.0"})
	for group in "uns/log1p", "uns/deep/er":
	    f.require_group(group).attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
	f["uns/deep"].attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
	none("uns/log1p/base")
	none("uns/deep/er/nothing")
	text("uns/deep/words", ["a", "b", "a"], [False, True, False])
	text("uns/deep/whole", ["x", "y"], [False, False])
	# names of genes and categories as pandas 3 has them
	names = f["var/_index"].asstr()[()]
	del f["var/_index"]
	text("var/_index", names, [False] * len(names))
	level = f["obs/level/categories"].asstr()[()]
	del f["obs/level/categories"]
	text("obs/level/categories", level, [False] * len(level))
	P
	cat >check.py <<-'P'
	import sys, h5py
	f, was = h5py.File(sys.argv[1]), h5py.File("new.h5ad")
	def look(name, o):
	    kind = o.attrs.get("encoding-type")
	    assert kind not in ("nullable-string-array", "null"), (name, kind)
	f.visititems(look)
	assert "base" not in f["uns/log1p"] and "nothing" not in f["uns/deep/er"]
	c = f["uns/deep/words"]
	assert list(c["codes"]) == [0, -1, 0] and list(c["categories"].asstr()) == ["a"], list(c["codes"])
	assert list(f["uns/deep/whole"].asstr()) == ["x", "y"]
	assert list(f["var"][f["var"].attrs["_index"]].asstr()) == list(was["var/_index/values"].asstr())
	rows = [list(was["obs/barcode"].asstr()).index(b) for b in f["obs/barcode"].asstr()]
	level = [list(g["categories"].asstr() if isinstance(g["categories"], h5py.Dataset) else g["categories/values"].asstr())[c]
	         for g in [f["obs/level"]] for c in g["codes"] if c >= 0]
	old = was["obs/level"]
	assert level == [old["categories/values"].asstr()[old["codes"][i]] for i in rows if old["codes"][i] >= 0]
	t, old = f["obs/text_or_none"], was["obs/text_or_none"]
	got = [None if c < 0 else t["categories"].asstr()[c] for c in t["codes"]]
	assert got == [None if old["mask"][i] else old["values"].asstr()[i] for i in rows], got
	P
	printf 'cell\tn\n' >n.tsv
	h5-obs get -q new.h5ad | cut -f 1 | sed '1d; s/$/\t1/' >>n.tsv
	h5-select -w 'small>-200' -c <(sed -n 2,5p n.tsv) new.h5ad -o out.h5ad 2>said
	grep -q 'uns/log1p/base is None, which anndata before 0.12 cannot read: left out' said
	python check.py out.h5ad
	h5-obs put -q -f n.tsv new.h5ad -o out.h5ad && python check.py out.h5ad
	h5-subsample -q -n 3 new.h5ad -o out.h5ad && python check.py out.h5ad
	gene-normalize -q new.h5ad -o out.h5ad && python check.py out.h5ad
	lognorm -q --accept unknown new.h5ad -o out.h5ad && python check.py out.h5ad
	concat -q --index-unique - --keys a,b new.h5ad new.h5ad -o out.h5ad
	python - <<-'P'
	import h5py
	h5py.File("out.h5ad").visititems(lambda name, o: 1 / (o.attrs.get("encoding-type") not in ("nullable-string-array", "null")))
	P
}
