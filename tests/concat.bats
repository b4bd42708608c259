load helper

both() { concat -q --keys one,two "$@" "$GOLDEN/cat_in1.h5ad" "$GOLDEN/cat_in2.h5ad"; }

genes_of() { probe var "$1" | cut -f1 | tail -n +2; }

# Sums of cells and genes of X, as the golden files have them.
sums() {
	probe X "$1" | awk -F '\t' -v OFS='\t' '
		{ cell[$1] += $3; n[$1]++; gene[$2] += $3 }
		END {
			for (c in cell) print "c", c, cell[c], n[c]
			for (g in gene) print "g", g, gene[g]
		}' | sort >sums.all
	grep '^c' sums.all | cut -f2- >cells
	grep '^g' sums.all | cut -f2- >genes
}

@test "inner and outer joins equal anndata.concat: obs, genes, sums of cells and genes" {
	local join
	for join in inner outer; do
		both --join $join --source none -o out.h5ad
		probe obs out.h5ad | tail -n +2 >obs
		tail -n +2 "$GOLDEN/cat_$join.obs.tsv" >want
		same obs want
		genes_of out.h5ad >names
		cut -f1 "$GOLDEN/cat_$join.genes.tsv" | tail -n +2 >want
		LC_ALL=C sort names >sorted
		same sorted want
		sums out.h5ad
		tail -n +2 "$GOLDEN/cat_$join.cells.tsv" | sort >want
		close cells want 1e-5
		tail -n +2 "$GOLDEN/cat_$join.genes.tsv" | awk -F '\t' '$2 != 0' | sort >want
		close genes want 1e-5
	done
}

@test "an inner join has the first input's order of genes, an outer join sorts unless all are alike" {
	genes_of "$GOLDEN/cat_in1.h5ad" >first
	both -o out.h5ad
	genes_of out.h5ad >names
	grep -Fxf names first >want
	same names want
	both --join outer -o out.h5ad
	genes_of out.h5ad >names
	LC_ALL=C sort -c names
	concat -q --join outer "$GOLDEN/cat_in1.h5ad" "$GOLDEN/cat_in1.h5ad" -o out.h5ad
	genes_of out.h5ad >names
	same names first
}

@test "cells get the input's key, file name and a unified label" {
	both -u kind=lab,part -o out.h5ad
	probe obs out.h5ad >obs
	head -n 1 obs | grep -q 'kind	reference_source	batch$'
	sed -n 2p obs | grep -q '^Cell_1-one	.*	L1	cat_in1	one$'
	tail -n 1 obs | grep -q '	cat_in2	two$'
	concat --keys one,two -u kind=lab "$GOLDEN/cat_in1.h5ad" "$GOLDEN/cat_in2.h5ad" -o out.h5ad 2>message
	grep -q 'kind: 2 labels' message
	grep -q 'L1: 200 cells' message
	grep -q 'cat_in1.h5ad: 200 cells, 16393 genes, ' message
}

@test "a panel leaves its genes only" {
	printf 'gene\nPSPN\nAC003958.2\nNOSUCH\n' >panel.txt
	both --genes panel.txt -o out.h5ad
	genes_of out.h5ad | paste -sd, >names
	[ "$(<names)" = AC003958.2,PSPN ]
}

@test "a panel's old symbols find the references' approved ones; what each lacks is named" {
	h5-import -q - -o a.h5ad <<-'END'
		cell,ATP5IF1,JCHAIN,CD4,CD8A
		c1,1,2,3,4
	END
	h5-import -q - -o b.h5ad <<-'END'
		cell,ATP5IF1,JCHAIN,CD4,SEPTIN7
		c2,1,2,3,4
	END
	printf '%s\n' ATPIF1 IGJ CD4 SEPT7 ENSG00000153563 >panel.txt
	concat --genes panel.txt --missing missing.tsv --manifest run.json a.h5ad b.h5ad -o out.h5ad 2>message
	[ "$(genes_of out.h5ad | sort | paste -sd,)" = ATP5IF1,CD4,JCHAIN ]
	grep -q "a.h5ad: 4 of the panel's 5 genes; it lacks SEPT7$" message
	grep -q "b.h5ad: 4 of the panel's 5 genes; it lacks ENSG00000153563$" message
	printf 'gene\tfile\nSEPT7\ta.h5ad\nENSG00000153563\tb.h5ad\n' >want
	same want missing.tsv
	grep -q 'a.h5ad: SEPT7' run.json
	fails 2 '--missing is for --genes' concat --missing x.tsv a.h5ad -o no.h5ad
}

@test "a panel may be an h5ad, with symbols for names or in a column" {
	h5-import -q - -o a.h5ad <<-'END'
		cell,CD4,CD8A,GAPDH
		c1,1,2,3
	END
	h5-import -q - -o query.h5ad <<-'END'
		cell,CD8A,GAPDH,XYZ
		q1,1,2,3
	END
	concat -q --genes query.h5ad a.h5ad -o out.h5ad
	[ "$(genes_of out.h5ad | paste -sd,)" = CD8A,GAPDH ]
	h5-import -q - -o ids.h5ad <<-'END'
		cell,ENSG00000010610,ENSG00000153563
		q1,1,2
	END
	concat -q --genes ids.h5ad a.h5ad -o out.h5ad
	[ "$(genes_of out.h5ad | paste -sd,)" = CD4,CD8A ]
	h5-select -q --genes query.h5ad a.h5ad -o part.h5ad
	[ "$(genes_of part.h5ad | paste -sd,)" = CD8A,GAPDH ]
	echo junk >not.h5ad
	fails 1 not.h5ad concat --genes not.h5ad a.h5ad -o no.h5ad
}

@test "names stay and columns are not added when told so; no input shares memory with another" {
	both --index-unique none --label none --source none -o out.h5ad 2>message
	grep -q 'two cells are called Cell_151 ' message
	probe obs out.h5ad >obs
	head -n 1 obs | grep -vq 'batch\|reference_source'
	sed -n 2p obs | grep -q '^Cell_1	'
	both -o out.h5ad 2>message
	[ ! -s message ]
}

@test "no gene in common is refused with examples and advice" {
	h5-import -q - -o ids.h5ad <<-'END'
		cell,ENSG00000010610,ENSG00000153563
		c1,1,2
	END
	h5-import -q - -o symbols.h5ad <<-'END'
		cell,GAPDH,CD8A
		c1,1,2
	END
	fails 3 'no gene in common: ids.h5ad has ENSG00000010610, .*; symbols.h5ad has GAPDH, .*run gene-normalize' \
		concat ids.h5ad symbols.h5ad -o out.h5ad
	echo XYZ >panel.txt
	fails 3 'with the panel: the panel has XYZ; symbols.h5ad has GAPDH' \
		concat --genes panel.txt symbols.h5ad -o out.h5ad
	fails 3 'with the panel: the panel has XYZ; symbols.h5ad has GAPDH' \
		concat --genes panel.txt symbols.h5ad symbols.h5ad -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "inputs that are normalised differently are refused, unless told otherwise" {
	fails 3 'normalised differently: X of .*norm_counts.h5ad is counts .*norm_log1p_10k.h5ad log1p_10k' \
		concat "$GOLDEN/norm_counts.h5ad" "$GOLDEN/norm_log1p_10k.h5ad" -o out.h5ad
	[ ! -e out.h5ad ]
	concat -q --mixed "$GOLDEN/norm_counts.h5ad" "$GOLDEN/norm_log1p_10k.h5ad" -o out.h5ad
	norm-check -q --slot X out.h5ad >/dev/null || true
	[ -e out.h5ad ]
}

@test "bad choices are told" {
	fails 2 '2 keys for 1 inputs' concat --keys a,b "$GOLDEN/cat_in1.h5ad" -o out.h5ad
	fails 2 'stands twice' both --keys a,a -o out.h5ad
	fails 2 'DEST=COL1' both -u nonsense -o out.h5ad
	fails 1 'cat_in1.h5ad: .*[Ll]abs?.*lab' both -u x=labb -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "integers stay integers, and any number of threads gives the same bytes" {
	concat -q -t 1 -z gzip "$GOLDEN/norm_counts_int.h5ad" "$GOLDEN/norm_counts_int.h5ad" -o a.h5ad
	concat -q -t 3 -z gzip "$GOLDEN/norm_counts_int.h5ad" "$GOLDEN/norm_counts_int.h5ad" -o b.h5ad
	same a.h5ad b.h5ad
	probe types a.h5ad | grep -E '^/?X/data' | grep -q int
}

@test "var columns that agree everywhere are kept, others are not" {
	local i
	for i in 1 2; do
		mkdir $i
		printf '%%%%MatrixMarket matrix coordinate integer general\n2 1 1\n1 1 3\n' >$i/matrix.mtx
		printf 'E1\tCD4\tGene Expression\nE%d\tCD8A\tGene Expression\n' "$((i + 1))" >$i/features.tsv
		echo c1 >$i/barcodes.tsv
		h5-import -q $i -o $i.h5ad
	done
	concat -q 1.h5ad 2.h5ad -o out.h5ad
	probe var out.h5ad >var
	[ "$(head -n 1 var | cut -f2)" = feature_types ]
	[ "$(probe obs out.h5ad | cut -f1 | tail -n +2 | paste -sd,)" = c1-0,c1-1 ]
}

# two_references: cells of two files with labels of their own, and the map of those.
two_references() {
	probe obs "$GOLDEN/cat_in1.h5ad" | cut -f 1 | awk -v OFS='\t' '
		NR == 1 { print "cell", "type"; next } { split("T cells,B lymphocytes,clump 7,Mono_1,Mono_2", t, ","); print $1, t[NR % 5 + 1] }' >a.tsv
	probe obs "$GOLDEN/cat_in2.h5ad" | cut -f 1 | awk -v OFS='\t' '
		NR == 1 { print "cell", "kind"; next } { split("CD4 T,CD8 T,B cell,DC?", t, ","); print $1, t[NR % 4 + 1] }' >b.tsv
	h5-obs put -q -f a.tsv "$GOLDEN/cat_in1.h5ad" -o a.h5ad
	h5-obs put -q -f b.tsv "$GOLDEN/cat_in2.h5ad" -o b.h5ad
	printf 'label\tid\tname\tscore\n' >map.tsv
	printf '%s\t%s\tx\t%s\n' 'T cells' CL:0000084 0.98 'B lymphocytes' CL:0000236 0.9 'clump 7' '' '' Mono_1 CL:0000576 0.8 Mono_2 CL:0000576 0.8 \
		'CD4 T' CL:0000624 0.9 'CD8 T' CL:0000625 0.9 'B cell' CL:0000236 1 'DC?' CL:0000451 0.4 >>map.tsv
}

labels_of() { probe obs "$1" | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "cell_type") at = i; next } { n[$at]++ } END { for (k in n) print k "\t" n[k] }' | sort; }

@test "with a map, labels of one id meet at the ontology's name, and what to look at is said" {
	two_references
	concat --keys one,two --map map.tsv -u cell_type=type,kind a.h5ad b.h5ad -o out.h5ad 2>message
	labels_of out.h5ad >have
	cat >want <<-'E'
	B cell	103
	CD4-positive, alpha-beta T cell	62
	CD8-positive, alpha-beta T cell	62
	DC?	63
	T cell	40
	clump 7	40
	monocyte	80
	E
	same have want
	grep -q '7 of 9 labels take the ontology.s name; no sure id, kept as they are: DC?, clump 7' message
	grep -q 'B cell: B cell (two), B lymphocytes (one)' message
	grep -q 'one: labels that become one, monocyte: Mono_1, Mono_2' message
	grep -q 'two splits T cell of one finer: CD4-positive, alpha-beta T cell, CD8-positive, alpha-beta T cell' message
	[ "$(grep -c 'finer' message)" -eq 1 ]
	concat -q --map map.tsv --min-score 0.3 -u cell_type=type,kind a.h5ad b.h5ad -o low.h5ad
	labels_of low.h5ad | grep -q '^dendritic cell	63$'
	concat -q --map map.tsv --ids own_id -u cell_type=type,kind a.h5ad b.h5ad -o ids.h5ad
	h5-obs get -q -c cell_type,own_id ids.h5ad | cut -f 2,3 | sed 1d | sort -u >ids
	grep -qx 'B cell	CL:0000236' ids
	grep -qx 'monocyte	CL:0000576' ids
	grep -qx 'clump 7	' ids
	[ "$(wc -l <ids)" -eq 7 ]
	fails 2 '--ids is of one --unify, with --map' concat --ids own_id -u cell_type=type,kind a.h5ad b.h5ad
	fails 2 '--map is for the columns that --unify makes' concat --map map.tsv a.h5ad b.h5ad
	fails 1 'nomap.tsv' concat --map nomap.tsv -u cell_type=type,kind a.h5ad b.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "a map of labels that do not occur changes nothing" {
	two_references
	{ head -n 1 map.tsv; printf 'other\tCL:0000084\tx\t1\n'; } >none.tsv
	concat -q -u cell_type=type,kind a.h5ad b.h5ad -o want.h5ad
	concat -q --map none.tsv -u cell_type=type,kind a.h5ad b.h5ad -o out.h5ad
	probe obs want.h5ad >want
	probe obs out.h5ad >have
	same have want
}

@test "obsm arrays stack in their precision, across batches; what not all have is left out and named" {
	cp "$GOLDEN/cat_in1.h5ad" a.h5ad
	cp "$GOLDEN/cat_in2.h5ad" b.h5ad
	python - <<-'E'
	import h5py, numpy as np
	rng = np.random.default_rng(1)
	for i, name in enumerate(["a.h5ad", "b.h5ad"]):
	    with h5py.File(name, "r+") as f:
	        n, m = len(f["obs/_index"]), f.require_group("obsm")
	        for at, kind in (("wide", "f8"), ("narrow", "f4"), ("mixed", ["f4", "f8"][i])):
	            m[at] = rng.normal(size=(n, 400)).astype(kind)
	            m[at].attrs["encoding-type"], m[at].attrs["encoding-version"] = "array", "0.2.0"
	        m["odd"] = rng.normal(size=(n, 2 + i)).astype("f4")
	        m["words"] = np.array([b"a"] * n if i else np.zeros(n))
	        m["first" if i else "second"] = np.zeros((n, 2))
	E
	local how i
	for how in none gzip; do
		concat --mixed -z $how a.h5ad b.h5ad -o out.h5ad 2>message
		grep -q 'obsm/odd, after its first 2 columns, is not in all inputs, or not alike' message
		for i in words first second; do
			grep -q "obsm/$i is not in all inputs, or not alike" message
		done
		python - <<-'E'
		import h5py, numpy as np
		a, b, out = [h5py.File(n)["obsm"] for n in ("a.h5ad", "b.h5ad", "out.h5ad")]
		assert sorted(out) == ["mixed", "narrow", "odd", "wide"], list(out)
		assert np.array_equal(out["odd"][:], np.vstack([a["odd"][:], b["odd"][:, :2]]))
		for at, kind in (("wide", "f8"), ("narrow", "f4"), ("mixed", "f8")):
		    assert out[at].dtype == kind and out[at].attrs["encoding-type"] == "array", at
		    assert np.array_equal(out[at][:], np.vstack([a[at][:], b[at][:]])), at
		E
	done
}

@test "auto is each input's own column of cell types, in the specification's order, and said" {
	h5-import -q - -o a.h5ad <<-'END'
		cell,CD4,CD8A
		a1,1,2
	END
	cp a.h5ad b.h5ad
	printf 'cell\tcluster\tcelltype\na1\t7\tT cell\n' >a.tsv
	printf 'cell\tseurat_clusters\tcell_type\tcelltype_lvl_1_standardized\na1\t7\tCD4 T\tT cell\n' >b.tsv
	h5-obs put -q -f a.tsv a.h5ad -o c.h5ad
	h5-obs put -q -f b.tsv b.h5ad -o d.h5ad
	concat -u unified_cell_type=auto c.h5ad d.h5ad -o out.h5ad 2>message
	grep -q 'c.h5ad: labels are in celltype$' message
	grep -q 'd.h5ad: labels are in celltype_lvl_1_standardized$' message
	[ "$(h5-obs get -c unified_cell_type out.h5ad | cut -f 2 | sort -u | paste -sd,)" = 'T cell,unified_cell_type' ]
	h5-subsample -n 1 -l auto c.h5ad -o s.h5ad 2>message
	grep -q 'labels are in celltype$' message
	[ "$(h5-obs get -c auto c.h5ad 2>/dev/null | sed -n 2p)" = 'a1	T cell' ]
	[ "$(cl-map -q --h5ad c.h5ad -c auto | sed -n 2p | cut -f 2)" = CL:0000084 ]
	fails 1 'a.h5ad: no column is known to have cell types; there are: ' \
		concat -u x=auto a.h5ad c.h5ad -o no.h5ad
}

@test "labels that one input alone has are counted aloud, unless a map brings them together" {
	h5-import -q - -o a.h5ad <<-'END'
		cell,CD4,CD8A
		a1,1,2
	END
	printf 'cell\tcell_type\na1\tT cell\n' | h5-obs put -q -f - a.h5ad -o one.h5ad
	printf 'cell\tcell_type\na1\tT lymphocytes\n' | h5-obs put -q -f - a.h5ad -o two.h5ad
	concat -u t=auto one.h5ad two.h5ad -o out.h5ad 2>message
	grep -q 't: 2 of 2 labels are in one input only' message
	printf 'label\nT cell\nT lymphocytes\n' | cl-map -q -o map.tsv
	concat -u t=auto --map map.tsv one.h5ad two.h5ad -o out.h5ad 2>message
	! grep 'in one input only' message
	concat -u t=auto one.h5ad one.h5ad -o out.h5ad 2>message
	! grep 'in one input only' message
}

# with_genes FILE 'a list in Python, from "old", the names of before': cat_in1 under other genes
with_genes() {
	cp "$GOLDEN/pbmc_query.h5ad" "$1"
	python - "$@" <<-'PY'
	import sys, h5py
	f = h5py.File(sys.argv[1], "a")
	key = f["var"].attrs["_index"]
	old = f["var"][key].asstr()[()]
	new = eval(sys.argv[2])
	attributes = dict(f["var"][key].attrs)
	del f["var"][key]
	f["var"].create_dataset(key, data=new, dtype=h5py.string_dtype())
	f["var"][key].attrs.update(attributes)
	PY
}

@test "genes of two species are refused, by symbols and by ids, unless told otherwise" {
	with_genes mouse.h5ad '[g.capitalize() if i > 60 else g for i, g in enumerate(old)]'
	fails 3 'query.h5ad has human genes, mouse.h5ad has mouse or rat genes.*--mixed-species' concat "$GOLDEN/pbmc_query.h5ad" mouse.h5ad -o out.h5ad
	with_genes ids.h5ad '["ENSMUSG%011d" % i if i > 60 else g for i, g in enumerate(old)]'
	fails 3 'human genes, ids.h5ad has mouse or rat genes' concat "$GOLDEN/pbmc_query.h5ad" ids.h5ad -o out.h5ad
	[ ! -e out.h5ad ]
	concat --mixed-species --min-kept 0 "$GOLDEN/pbmc_query.h5ad" mouse.h5ad -o out.h5ad 2>said
	grep -q 'of its 765 genes are left' said
}

@test "a join that loses half of an input's genes is said, one that loses nearly all is refused with the file to leave out" {
	with_genes half.h5ad '[g if i % 3 == 0 else g + "X" for i, g in enumerate(old)]'
	concat "$GOLDEN/pbmc_query.h5ad" half.h5ad "$GOLDEN/pbmc_query.h5ad" --keys a,b,c -o out.h5ad 2>said
	grep -q 'pbmc_query.h5ad: 255 of its 765 genes are left.*without half.h5ad it would be 765' said
	with_genes few.h5ad '[g if i % 30 == 0 else g + "X" for i, g in enumerate(old)]'
	fails 3 'all inputs have 26, under --min-kept 0.1: without few.h5ad it would be 765' concat "$GOLDEN/pbmc_query.h5ad" few.h5ad "$GOLDEN/pbmc_query.h5ad" --keys a,b,c -o no.h5ad
	[ ! -e no.h5ad ]
	concat -q --join outer "$GOLDEN/pbmc_query.h5ad" few.h5ad -o outer.h5ad
}

@test "--label of several columns: the first is made, another that the inputs bring stays theirs" {
	h5-import -q - -o a.h5ad <<-'END'
		cell,CD4,CD8A
		a1,1,2
	END
	concat -q --label reference_source,batch --source none -k gut,lung a.h5ad a.h5ad -o out.h5ad
	[ "$(h5-obs get -c reference_source,batch out.h5ad | tail -n 1)" = 'a1-lung	lung	lung' ]
	printf 'cell\tbatch\na1\tlane7\n' | h5-obs put -q -f - a.h5ad -o b.h5ad
	concat -q --label reference_source,batch --source none -k gut,lung b.h5ad b.h5ad -o out.h5ad
	[ "$(h5-obs get -c reference_source,batch out.h5ad | tail -n 1)" = 'a1-lung	lung	lane7' ]
}
