# h5-obs: the cells' table out and in.

load helper

IN=dialect_sk19_csr_gzip.h5ad

# A table over all but every seventh cell of $IN, rows reversed.
make_table() {
	h5-obs get -c n "$GOLDEN/$IN" | awk -F '\t' '
		NR == 1 { print "cell\tlabel\tconfidence\tcluster\tmajority_voting\tflag2\tid\tname"; next }
		NR % 7 {
			row[++n] = $1 "\tB" (NR % 3) "\t" NR / 128 "\t" (NR % 4) "\tB\t" \
				(NR % 2 ? "True" : "False") "\tCL:000023" (NR % 3) "\tB cell"
		}
		END { for (; n; n--) print row[n] }' >"${1-table.tsv}"
}

# kind FILE COLUMN: how obs stores it, by h5py alone.
kind() {
	python - "$@" <<-'EOF'
	import sys, h5py
	at = h5py.File(sys.argv[1], "r")["obs"][sys.argv[2]]
	kind = at.attrs["encoding-type"]
	print(kind if kind != "array" else at.dtype)
	EOF
}

# everything FILE: each object of an h5ad but obs: path, shape, type, attributes and values.
everything() {
	python - "$1" <<-'EOF'
	import sys, h5py
	def show(name, at):
	    if name.split("/")[0] == "obs":
	        return
	    attrs = sorted((k, str(v)) for k, v in at.attrs.items())
	    values = at[()] if isinstance(at, h5py.Dataset) else ""
	    print(name, getattr(at, "shape", ""), getattr(at, "dtype", ""), attrs,
	          values.tolist() if hasattr(values, "tolist") else values)
	h5py.File(sys.argv[1], "r").visititems(show)
	EOF
}

@test "get prints the columns asked for, in the order asked for" {
	h5-obs get -c txt,bulk_labels "$GOLDEN/$IN" >out.tsv
	[ "$(head -n 1 out.tsv)" = "$(printf 'cell\ttxt\tbulk_labels')" ]
	[ "$(sed -n 2p out.tsv)" = "$(printf 'AAAGCCTGGCTAAC-1\tt0é\tCD14+ Monocyte')" ]
	[ "$(wc -l <out.tsv)" -eq 61 ]
}

@test "get says the same of every dialect" {
	local f
	h5-obs get "$GOLDEN/dialect_sk12_csr_plain.h5ad" >sk12.tsv
	for f in "$GOLDEN"/dialect_sk1{5,9}_csr_{plain,gzip,lzf}.h5ad; do
		h5-obs get "$f" >out.tsv
		same sk12.tsv out.tsv
	done
}

@test "get of a column that is not there names it and lists those there are" {
	fails 1 "no column 'bulk_label'; there are: bulk_labels," h5-obs get -c bulk_label "$GOLDEN/$IN"
}

@test "put and get return the table, whatever the order of its rows" {
	make_table
	h5-obs put -f table.tsv --text cluster "$GOLDEN/$IN" -o out.h5ad
	h5-obs get -c label,confidence,cluster,majority_voting,flag2,id,name out.h5ad |
		awk -F '\t' 'NR > 1 && $2 != ""' | sort >got
	tail -n +2 table.tsv | sort >want
	same got want
}

@test "cells without a row have missing values, and are counted" {
	make_table
	run_split h5-obs put -f table.tsv "$GOLDEN/$IN" -o out.h5ad
	[ "$status" -eq 0 ]
	grep -q '8 of 60 cells have no row' <<<"$errors"
	[ "$(h5-obs get -c label out.h5ad | awk -F '\t' '$2 == ""' | wc -l)" -eq 8 ]
}

@test "columns get the kind that their values have" {
	make_table
	h5-obs put -f table.tsv "$GOLDEN/$IN" -o out.h5ad
	[ "$(kind out.h5ad label)" = categorical ]
	[ "$(kind out.h5ad confidence)" = float64 ]
	[ "$(kind out.h5ad cluster)" = categorical ] # numbered, but no numbers
	h5-obs put -f table.tsv --map cluster=rank "$GOLDEN/$IN" -o ranked.h5ad
	[ "$(kind ranked.h5ad rank)" = categorical ]
	[ "$(kind out.h5ad flag2)" = nullable-boolean ]
	h5-obs get -c n "$GOLDEN/$IN" | awk -F '\t' -v OFS='\t' '
		NR == 1 { print "cell", "whole", "code", "word", "yes"; next }
		{ print $1, NR, "00" NR, "w" NR, "False" }' >more.tsv
	h5-obs put -f more.tsv "$GOLDEN/$IN" -o out.h5ad
	[ "$(kind out.h5ad whole)" = int64 ]
	[ "$(kind out.h5ad code)" = string-array ]
	[ "$(kind out.h5ad word)" = string-array ]
	[ "$(kind out.h5ad yes)" = bool ]
}

@test "columns that are not touched and everything else stay exactly as they are" {
	local f
	for f in "$IN" dialect_sk15_csc_lzf.h5ad dialect_sk15_dense_int_gzip.h5ad; do
		make_table
		h5-obs put -f table.tsv "$GOLDEN/$f" -o out.h5ad
		everything "$GOLDEN/$f" >want
		everything out.h5ad >got
		same want got
		h5-obs get "$GOLDEN/$f" >want
		h5-obs get -c "$(head -n 1 want | cut -f 2- | tr '\t' ,)" out.h5ad >got
		same want got
		[ "$(kind out.h5ad n_counts)" = float32 ]
	done
}

@test "a column that is there is refused, or with --replace replaced in its place, and that is said" {
	make_table
	fails 3 "a column 'bulk_labels' already \\(--replace" h5-obs put -f table.tsv --map label=bulk_labels --drop "$GOLDEN/$IN" -o no.h5ad
	[ ! -e no.h5ad ]
	run_split h5-obs put --replace -f table.tsv --map label=bulk_labels --drop "$GOLDEN/$IN" -o out.h5ad
	grep -q "column 'bulk_labels' is replaced" <<<"$errors"
	[ "$(h5-obs get out.h5ad | head -n 1)" = "$(h5-obs get "$GOLDEN/$IN" | head -n 1)" ]
	[ "$(h5-obs get -c bulk_labels out.h5ad | sed -n 2p | cut -f 2)" = B2 ]
}

@test "calls of all cells go onto a subset with --subset, and both ways are counted" {
	h5-obs get -c bulk_labels "$GOLDEN/$IN" | sed '1s/bulk_labels/mine/' >all.tsv
	h5-select --shard 1/3 "$GOLDEN/$IN" -o third.h5ad 2>/dev/null
	fails 1 'are not in third.h5ad.*--subset' h5-obs put -f all.tsv third.h5ad -o no.h5ad
	h5-obs put --subset -f all.tsv third.h5ad -o out.h5ad 2>said
	grep -qE '[0-9]+ of the [0-9]+ rows of all.tsv are of cells that are not in third.h5ad' said
	h5-obs get -c mine out.h5ad | sed '1s/mine/bulk_labels/' >got
	h5-obs get -c bulk_labels third.h5ad >want
	same got want
	h5-obs get -c mine out.h5ad >few.tsv
	h5-obs put -f few.tsv "$GOLDEN/$IN" -o out.h5ad 2>said
	grep -qE 'cells have no row in few.tsv: their values are missing' said
}

@test "clusters stay text" {
	h5-obs get -c bulk_labels "$GOLDEN/$IN" | awk -F '\t' 'NR == 1 { print "cell\tcluster"; next } { print $1 "\t" NR % 12 }' >clusters.tsv
	h5-obs put -f clusters.tsv "$GOLDEN/$IN" -o out.h5ad
	[ "$(kind out.h5ad cluster)" != int64 ]
	kind out.h5ad cluster
	[ "$(h5-info out.h5ad | grep -c 'cluster.*int')" -eq 0 ]
}

@test "--map, --prefix and --drop name the columns" {
	make_table
	h5-obs put -f table.tsv --map label=typed --prefix p_ "$GOLDEN/$IN" -o out.h5ad
	h5-obs get out.h5ad | head -n 1 | tr '\t' '\n' | grep -qx typed
	h5-obs get out.h5ad | head -n 1 | tr '\t' '\n' | grep -qx p_confidence
	h5-obs put -f table.tsv --map label=typed --drop "$GOLDEN/$IN" -o out.h5ad
	[ "$(h5-obs get out.h5ad | head -n 1)" = "$(h5-obs get "$GOLDEN/$IN" | head -n 1)	typed" ]
	fails 1 "has no column 'labels', did you mean label" \
		h5-obs put -f table.tsv --map labels=typed "$GOLDEN/$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "--preset celltypist names four columns as CellTypist does" {
	make_table
	h5-obs put -f table.tsv --preset celltypist "$GOLDEN/$IN" -o out.h5ad
	[ "$(h5-obs get out.h5ad | head -n 1 | cut -f 11-)" = \
		"$(printf 'predicted_labels\tover_clustering\tmajority_voting\tconf_score')" ]
	[ "$(kind out.h5ad over_clustering)" = categorical ]
	[ "$(kind out.h5ad conf_score)" = float64 ]
}

@test "--preset cellxgene adds the ids alone, missing ones as unknown, and refuses some" {
	make_table
	h5-obs put -f table.tsv --preset cellxgene "$GOLDEN/$IN" -o out.h5ad
	[ "$(h5-obs get out.h5ad | head -n 1 | cut -f 11-)" = cell_type_ontology_term_id ]
	[ "$(kind out.h5ad cell_type_ontology_term_id)" = categorical ]
	[ "$(h5-obs get -c cell_type_ontology_term_id out.h5ad | cut -f 2 | grep -cx unknown)" -eq 8 ]
	sed 's/CL:0000231/CL:0000548/' table.tsv >general.tsv
	fails 3 'CL:0000548 is too general' \
		h5-obs put -f general.tsv --preset cellxgene "$GOLDEN/$IN" -o no.h5ad
	sed 's/CL:0000231/UBERON:0000178/' table.tsv >organ.tsv
	fails 3 "'UBERON:0000178' is not an id" \
		h5-obs put -f organ.tsv --preset cellxgene "$GOLDEN/$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "--preset cap writes the columns of an annotation set" {
	make_table
	h5-obs put -f table.tsv --preset cap --prefix fine "$GOLDEN/$IN" -o out.h5ad
	[ "$(h5-obs get out.h5ad | head -n 1 | cut -f 11- | tr '\t' ' ')" = \
		"fine fine--cell_fullname fine--cell_ontology_term_id fine--cell_ontology_term fine--cell_ontology_exists" ]
	[ "$(kind out.h5ad fine--cell_ontology_exists)" = bool ]
	[ "$(h5-obs get -c fine--cell_ontology_exists out.h5ad | cut -f 2 | grep -cx False)" -eq 8 ]
}

@test "--by joins one row per label" {
	printf 'label\tid\nDendritic\tCL:0000451\nCD19+ B\tCL:0000236\nno such\tCL:0000000\n' >ids.tsv
	h5-obs put -f ids.tsv --by bulk_labels "$GOLDEN/$IN" -o out.h5ad
	h5-obs get -c bulk_labels,id out.h5ad | tail -n +2 | cut -f 2,3 | sort -u >got
	grep -qx "$(printf 'Dendritic\tCL:0000451')" got
	grep -qx "$(printf 'CD14+ Monocyte\t')" got
}

@test "rows without a cell, repeated rows and shared names are counted" {
	make_table
	printf 'nobody\tB\t1\t1\tB\tTrue\tCL:0000236\tB cell\n' >>table.tsv
	fails 1 "1 of 53 cells are not in .*the first is 'nobody'" \
		h5-obs put -f table.tsv "$GOLDEN/$IN" -o no.h5ad
	make_table
	sed -n '2,4p' table.tsv >>table.tsv
	fails 1 '3 rows repeat a cell' h5-obs put -f table.tsv "$GOLDEN/$IN" -o no.h5ad
	cp "$GOLDEN/$IN" twice.h5ad
	python -c 'import h5py
names = h5py.File("twice.h5ad", "r+")["obs/index"]
names[3] = names[2]'
	make_table
	fails 1 '1 cells have a name that another cell has too' h5-obs put -f table.tsv twice.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "a table of another sample is refused" {
	printf 'cell\tx\n' >empty.tsv
	fails 3 'no row belongs to a cell' h5-obs put -f empty.tsv "$GOLDEN/$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "wrong usage says what to do" {
	fails 2 "say 'get' or 'put' first" h5-obs "$GOLDEN/$IN"
	fails 2 'put needs -f' h5-obs put "$GOLDEN/$IN"
	fails 2 'are for put' h5-obs get --drop "$GOLDEN/$IN"
	fails 2 'are for get' h5-obs put -f x.tsv -c y "$GOLDEN/$IN"
}

@test "text that is not UTF-8 does not get into a file, and hexadecimal is text" {
	h5-obs get "$GOLDEN/$IN" | awk -F '\t' 'NR == 1 { print "cell\tnote" } NR > 1 { print $1 "\t0x" NR }' >hex.tsv
	h5-obs put -q -f hex.tsv "$GOLDEN/$IN" -o out.h5ad
	h5-obs get -c note out.h5ad >got
	same got hex.tsv
	rm out.h5ad
	LC_ALL=C sed "2s/0x2/caf\xe9/" hex.tsv >latin.tsv
	fails 1 "note.*is not UTF-8" h5-obs put -f latin.tsv "$GOLDEN/$IN" -o out.h5ad
	LC_ALL=C sed "1s/note/caf\xe9/" hex.tsv >latin.tsv
	fails 1 "is not UTF-8" h5-obs put -f latin.tsv "$GOLDEN/$IN" -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "texts whose lengths lie are told at once, and take no memory" {
	local length
	for length in fffffff0 40000000; do
		python - "$GOLDEN/sample_lognorm.h5ad" lie.h5ad "$length" <<-'END'
			import sys, h5py
			with h5py.File(sys.argv[1]) as old, h5py.File(sys.argv[2], "w") as new:
			    for name in old:
			        old.copy(name, new)
			    for key, value in old.attrs.items():
			        new.attrs[key] = value
			    key = old["obs"].attrs["_index"]
			    attributes = dict(new["obs"][key].attrs)
			    texts = new["obs"][key].asstr()[()]
			    del new["obs"][key]
			    d = new["obs"].create_dataset(key, data=texts.astype(object), dtype=h5py.string_dtype())
			    d.attrs.update(attributes)
			    at = d.id.get_offset() or d.id.get_chunk_info(0).byte_offset
			with open(sys.argv[2], "r+b") as f: # the fourth: its length, 4 bytes, little end first
			    f.seek(at + 3 * 16)
			    f.write(bytes.fromhex(sys.argv[3])[::-1])
		END
		fails 1 'obs/.*: cannot be read .its texts are longer than the file' \
			/usr/bin/time -f %M -o peak h5-obs get lie.h5ad -o out.tsv
		[ "$(tail -n 1 peak)" -lt 300000 ]
		fails 1 'texts are longer than the file' h5-select --shard 1/2 lie.h5ad -o out.h5ad
		[ ! -e out.tsv ] && [ ! -e out.h5ad ]
	done
}

@test "one thread and eight, and a pipe, give the same bytes" {
	make_table
	h5-obs put -f table.tsv -t 1 "$GOLDEN/$IN" -o one.h5ad
	h5-obs put -f table.tsv -t 8 "$GOLDEN/$IN" -o eight.h5ad
	h5-obs put -f table.tsv "$GOLDEN/$IN" >piped.h5ad
	cmp one.h5ad eight.h5ad
	cmp one.h5ad piped.h5ad
}

@test "a disk that is full at any point is told, and the old file stays as it was" {
	! watched threads || skip "the sanitizer of threads writes a file of its own, which would be too large"
	local blocks
	make_table
	echo old >out.h5ad
	for blocks in 1 4 20 40 60 80 100 120 150 200; do
		fails 1 '^h5-obs: .*/out.h5ad: .*: File too large$' env bash -c \
			"trap '' XFSZ; ulimit -f $blocks; exec h5-obs put -q -f table.tsv '$GOLDEN/$IN' -o out.h5ad"
		[ "$(wc -l <<<"$errors")" -eq 1 ]
		[ "$(<out.h5ad)" = old ]
	done
	fails 1 'No space left' h5-obs put -f table.tsv "$GOLDEN/$IN" -o /dev/full
}

@test "get --as: one column under another name" {
	h5-obs get -q -c louvain --as cluster "$GOLDEN/pbmc_query.h5ad" -o a.tsv
	[ "$(head -n 1 a.tsv)" = 'cell	cluster' ]
	same <(sed 1d a.tsv) <(h5-obs get -q -c louvain "$GOLDEN/pbmc_query.h5ad" | sed 1d)
	fails 2 '--as is for get, with one column' h5-obs get --as cluster "$GOLDEN/pbmc_query.h5ad"
	fails 2 '--as is for get, with one column' h5-obs get --as x -c louvain,n_genes "$GOLDEN/pbmc_query.h5ad"
}

@test "--preset spec has the specification's names, and Unknown where there is no id" {
	h5-import -q - -o two.h5ad <<-'END'
		cell,CD4,CD8A
		c1,1,2
		c2,3,4
	END
	printf 'cell\tlabel\tconfidence\tmodel\tmajority_voting\tlabel_original\treason\tcl_id\tcl_name\n' >typed.tsv
	printf 'c1\tT cell\t0.9\tm\tT cell\tCD4 T\t\tCL:0000084\tT cell\nc2\tUnknown\t0.2\tm\tT cell\tB\tLOW\t\t\n' >>typed.tsv
	h5-obs put --preset spec -f typed.tsv two.h5ad -o out.h5ad
	h5-obs get -c cell_type,cell_type_original,cell_type_voted,cell_type_confidence,cell_type_model,cell_type_ontology_id out.h5ad |
		tr '\t' '|' >got
	[ "$(tail -n 2 got | paste -sd' ')" = 'c1|T cell|CD4 T|T cell|0.9|m|CL:0000084 c2|Unknown|B|T cell|0.2|m|Unknown' ]
	h5-obs put --preset spec --prefix mine -f typed.tsv two.h5ad -o out.h5ad
	h5-obs get -c mine,mine_ontology_id out.h5ad | grep -q 'c2	Unknown	Unknown'
	fails 1 "no column 'label'" h5-obs put --preset spec -f <(printf 'cell\tx\nc1\t1\n') two.h5ad -o no.h5ad
}

@test "put --preset evidence names columns of verdicts, found by the cells' cluster" {
	h5-obs get -q -c bulk_labels "$GOLDEN/pbmc68k_reduced.h5ad" | cut -f 2 | sort -u | grep -v bulk_labels |
		awk 'BEGIN { print "cluster\tlabel\tid\tstatus\tconfidence\treason\tgenes" } { print $0 "\tT cell\tCL:0000084\tsupported\t0.5\t\tCD3D" }' >v.tsv
	h5-obs put -q -f v.tsv --by bulk_labels --preset evidence "$GOLDEN/pbmc68k_reduced.h5ad" -o out.h5ad
	h5-obs get -c evidence_label,evidence_status,evidence_confidence,evidence_canonical_markers out.h5ad | sed -n 2p |
		cut -f 2- | grep -qx 'T cell	supported	0.5	CD3D'
	h5-obs put -q -f v.tsv --by bulk_labels --preset evidence --prefix gptca "$GOLDEN/pbmc68k_reduced.h5ad" -o out.h5ad
	h5-obs get -c gptca_ontology_id out.h5ad | grep -q CL:0000084
}

@test "put --preset pipette has the pipeline's names, ranks where there are; --more adds tables" {
	h5-import -q - -o two.h5ad <<-'END'
		cell,CD4,CD8A
		c1,1,2
		c2,3,4
	END
	printf 'cell\tlabel\tconfidence\tlabel_2\tconfidence_2\tlabel_original\treason\tprobability\n' >typed.tsv
	printf 'c1\tT\t0.9\tB\t0.1\tT\t\t0.8\nc2\tUnknown\t0.2\tT\t0.1\tB\tLOW\t0.3\n' >>typed.tsv
	printf 'cell\tn_counts\nc2\t7\nc1\t3\n' >qc.tsv
	: >none.tsv
	h5-obs put -q --preset pipette -f typed.tsv --more qc_=qc.tsv --more x_=none.tsv two.h5ad -o out.h5ad
	h5-obs get -q out.h5ad | tr '\t' '|' >got
	[ "$(paste -sd' ' got)" = 'cell|pipette_label|pipette_original|pipette_confidence|pipette_probability|pipette_reason|pipette_label_2|pipette_confidence_2|qc_n_counts c1|T|T|0.9|0.8||B|0.1|3 c2|Unknown|B|0.2|0.3|LOW|T|0.1|7' ]
	h5-obs put -q --preset pipette --prefix mine -f typed.tsv two.h5ad -o out.h5ad
	h5-obs get -q -c mine_label out.h5ad | grep -q 'c2	Unknown'
	fails 1 "no column 'label'" h5-obs put --preset pipette -f qc.tsv two.h5ad -o no.h5ad
	fails 2 'should be PREFIX=TABLE.tsv' h5-obs put -f typed.tsv --more qc.tsv two.h5ad -o no.h5ad
	fails 3 "obs has a column 'qc_n_counts' already" h5-obs put -f typed.tsv --more qc_=qc.tsv --more qc_=qc.tsv two.h5ad -o no.h5ad
}
