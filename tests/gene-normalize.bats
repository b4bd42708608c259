load helper

# A file with these genes (and perhaps a column of symbols): file NAME GENE...
file() {
	local out=$1
	shift
	{
		printf 'cell'
		printf ',%s' "$@"
		printf '\nc1'
		seq 1 $# | tr '\n' ' ' | sed 's/ *$//; s/ /,/g; s/^/,/'
		printf '\n'
	} >names.csv
	h5-import -q --rows cells names.csv -o "$out"
}

with_column() { # with_column FILE COLUMN VALUE...
	python - "$@" <<'END'
import sys, h5py
path, name, *values = sys.argv[1:]
with h5py.File(path, "r+") as f:
    d = f["var"].create_dataset(name, data=values, dtype=h5py.string_dtype())
    d.attrs["encoding-type"], d.attrs["encoding-version"] = "string-array", "0.2.0"
    f["var"].attrs["column-order"] = list(f["var"].attrs["column-order"]) + [name]
END
}

genes() { probe var "$1" | cut -f1 | tail -n +2 | paste -sd,; }

@test "the counts of the message add up to the genes of the file, other species' ids among them" {
	h5-import -q - -o in.h5ad <<-'END'
		cell,ENSG00000010610,ATPIF1,CD19,ENSG00000999999,ENSMUSG00000000001,ENSRNOG00000000001
		c1,1,2,3,4,5,6
	END
	gene-normalize in.h5ad -o out.h5ad 2>message
	cat message
	grep -q '6 genes: 1 from Ensembl ids, 1 from previous symbols, 0 from aliases, 1 kept, 1 Ensembl ids without a symbol, 2 ids of other species' message
}

@test "Ensembl ids become symbols, with or without a version; unknown ones stay" {
	file in.h5ad ENSG00000010610 ENSG00000153563.17 ENSG99999999999 ENST00000011653 CD19
	gene-normalize -q --report report.tsv in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = CD4,CD8A,ENSG99999999999,ENST00000011653,CD19 ]
	printf 'gene\tafter\trule\n' >want
	printf '%s\t%s\t%s\n' ENSG00000010610 CD4 ensembl ENSG00000153563.17 CD8A ensembl-version \
		ENSG99999999999 ENSG99999999999 unmapped-ensembl ENST00000011653 ENST00000011653 \
		ensembl-transcript CD19 CD19 kept >>want
	same report.tsv want
	probe X out.h5ad | cut -f3 >got
	probe X in.h5ad | cut -f3 >want
	same got want
}

@test "names that are no symbols start from feature_name, row by row where it is empty" {
	file in.h5ad 0 1 2 3
	with_column in.h5ad feature_name CD4 ENSG00000153563 '' CD19
	gene-normalize in.h5ad -o out.h5ad 2>message
	grep -q 'names start from var column feature_name' message
	[ "$(genes out.h5ad)" = CD4,CD8A,2,CD19 ]
	gene-normalize -q --column none in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = 0,1,2,3 ]
	file symbols.h5ad CD3E CD4
	with_column symbols.h5ad feature_name A B
	gene-normalize -q symbols.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = CD3E,CD4 ]
	gene-normalize -q --column feature_name --aliases none symbols.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = A,B ]
	fails 1 'feature_name' gene-normalize --column feature_nam symbols.h5ad -o no.h5ad
}

@test "a user's map as the pipeline has it; later lines win, empty symbols do not count" {
	file in.h5ad ENSG00000000001 ENSG00000000002 ENSG00000000003
	printf 'Gene stable ID\tHGNC symbol\nENSG00000000001\tOLD\nENSG00000000001\tNEW\nENSG00000000002\t\n' >map.tsv
	gene-normalize -q --map map.tsv in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = NEW,ENSG00000000002,ENSG00000000003 ]
	printf 'id\tsymbol\n' >bad.tsv
	fails 1 'Gene stable ID' gene-normalize --map bad.tsv in.h5ad -o no.h5ad
	fails 1 'none.tsv' gene-normalize --map none.tsv in.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "old symbols are renamed only when unambiguous, not approved, and not in the way" {
	printf 'symbol\tkind\tapproved\tis_approved_symbol\nOLD\tprevious\tNEW\t0\nNICK\talias\tTHIRD\t0\nTWO\talias\tA|B\t0\nBOTH\tprevious\tA\t0\nBOTH\talias\tB\t0\nREAL\talias\tOTHER\t1\nWAS\tprevious\tHERE\t0\n' >aliases.tsv
	file in.h5ad OLD NICK TWO BOTH REAL WAS HERE
	gene-normalize -q --aliases aliases.tsv --report report.tsv in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = NEW,THIRD,TWO,BOTH,REAL,WAS,HERE ]
	cut -f3 report.tsv | tail -n +2 | paste -sd, >rules
	[ "$(<rules)" = previous-symbol,alias,ambiguous,ambiguous,kept,approved-present,kept ]
	gene-normalize -q --aliases none in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = OLD,NICK,TWO,BOTH,REAL,WAS,HERE ]
}

@test "the table that comes along renames real old symbols" {
	file in.h5ad CPSF3L CD4 NOSUCHGENE
	gene-normalize -q in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = INTS11,CD4,NOSUCHGENE ]
}

@test "genes of one name: unique names, or rows summed, the first, the largest" {
	file in.h5ad ENSG00000000001 ENSG00000000002 ENSG00000000003 ENSG00000000001.2
	printf 'Gene stable ID\tHGNC symbol\nENSG00000000001\tA\nENSG00000000002\tB\nENSG00000000003\tA\n' >map.tsv
	gene-normalize -q --map map.tsv in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = A,B,A-1,A-2 ]
	local way want
	for way in sum:8,2 first:1,2 max:4,2; do
		gene-normalize -q --map map.tsv --on-duplicate "${way%:*}" --report r.tsv in.h5ad -o out.h5ad
		[ "$(genes out.h5ad)" = A,B ] || return 1
		want=${way#*:}
		[ "$(probe X out.h5ad | cut -f3 | paste -sd,)" = "$want" ] || return 1
		[ "$(tail -n +2 r.tsv | cut -f2 | paste -sd,)" = A,B,A,A ] || return 1
	done
}

@test "sum over real counts keeps every cell's total" {
	gene-normalize -q --on-duplicate sum "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	probe X out.h5ad | awk -F '\t' '{ s[$1] += $3 } END { for (c in s) print c, s[c] }' | sort >got
	probe X "$GOLDEN/sample_counts.h5ad" | awk -F '\t' '{ s[$1] += $3 } END { for (c in s) print c, s[c] }' | sort >want
	same got want
}

@test "mouse genes are recognised and left" {
	file in.h5ad Cd4 Cd8a Ptprc Gapdh Actb
	gene-normalize in.h5ad -o out.h5ad 2>message
	grep -q 'look like mouse genes' message
	[ "$(genes out.h5ad)" = Cd4,Cd8a,Ptprc,Gapdh,Actb ]
	file in.h5ad ENSMUSG00000023274 ENSMUSG00000053977
	gene-normalize in.h5ad -o out.h5ad 2>message
	grep -q 'look like mouse genes' message
	[ "$(genes out.h5ad)" = ENSMUSG00000023274,ENSMUSG00000053977 ]
	printf 'Gene stable ID\tHGNC symbol\nENSMUSG00000023274\tCd4\n' >map.tsv
	gene-normalize -q --map map.tsv in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = Cd4,ENSMUSG00000053977 ]
}

@test "raw's genes are named too; all else is carried over" {
	gene-normalize -q "$GOLDEN/norm_slots.h5ad" -o out.h5ad
	for part in obs layers/counts raw; do
		probe $part out.h5ad | awk -F '\t' '{ print $1 "\t" $3 }' >got
		probe $part "$GOLDEN/norm_slots.h5ad" | awk -F '\t' '{ print $1 "\t" $3 }' >want
		same got want
	done
	probe var out.h5ad | cut -f1 >a
	probe raw/var out.h5ad | cut -f1 >b
	[ "$(comm -12 <(sort a) <(sort b) | wc -l)" -gt 10 ]
}

@test "the result is the same when it is done again" {
	gene-normalize -q "$GOLDEN/sample_counts.h5ad" -o once.h5ad
	gene-normalize -q once.h5ad -o twice.h5ad
	probe var once.h5ad >a
	probe var twice.h5ad >b
	same a b
}

@test "the tables are renewed from HGNC's and GENCODE's own files" {
	cp "$TESTS/../refs/genes/renew" .
	printf 'symbol\tstatus\talias_symbol\tprev_symbol\tensembl_gene_id\n' >hgnc.txt
	printf 'NEW\tApproved\t"NICK|TWO"\tOLD\tENSG00000000001\n' >>hgnc.txt
	printf 'B\tApproved\tTWO\t\tENSG00000000002\nZ\tEntry Withdrawn\tY\t\tENSG00000000009\n' >>hgnc.txt
	printf 'chr1\tH\tgene\t1\t2\t.\t+\t.\tgene_id "ENSG0000000000%s.5"; gene_name "%s";\n' \
		1 OLDER 3 CLONE1.1 | gzip >gencode.gtf.gz
	./renew hgnc.txt gencode.gtf.gz
	printf 'Gene stable ID\tHGNC symbol\nENSG00000000001\tNEW\nENSG00000000002\tB\nENSG00000000003\tCLONE1.1\n' >want
	zcat ensembl.tsv.gz >got
	same got want
	file in.h5ad ENSG00000000001.7 OLD NICK TWO B
	gene-normalize -q --map ensembl.tsv.gz --aliases aliases.tsv.gz --column none in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = NEW,OLD,NICK,TWO,B ]
	file in.h5ad OLD NICK2 TWO
	gene-normalize -q --map ensembl.tsv.gz --aliases aliases.tsv.gz in.h5ad -o out.h5ad
	[ "$(genes out.h5ad)" = NEW,NICK2,TWO ]
}
