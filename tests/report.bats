load helper

# Four cells of a gated, mapped table.
calls() {
	printf 'cell\tlabel\tconfidence\tmargin\tsecond\tentropy\tmodel\tagree\tmodels\tdisagreement\tlabel_original\treason\tcl_id\tcl_name\tcl_score\n'
	printf 'c1\tT cell\t0.95\t0.9\tB cell\t0.1\tm1\t2\t2\t0\tT cell\t\tCL:0000084\tT cell\t1\n'
	printf 'c2\tT cell\t0.85\t0.5\tB cell\t0.2\tm2\t1\t2\t0.5\tT cell\t\tCL:0000084\tT cell\t1\n'
	printf 'c3\tB cell\t0.75\t0.4\tT cell\t0.3\tm1\t2\t2\t0\tB cell\t\tCL:0000236\tB cell\t1\n'
	printf 'c4\tUnknown\t0.15\t0.1\tT cell\t0.9\tm1\t2\t2\t0\tB cell\tLOW\t\t\t\n'
}

lacks() { ! grep "$@"; }

# The text of the page, tags taken away, spaces squeezed.
text() { sed -e '/<style>/,/<\/style>/d' -e '/<script/,/<\/script>/d' -e 's/<[^>]*>/ /g' -e 's/&nbsp;/ /g' "$1" | tr -s ' \n' ' '; }

@test "counts, shares, means and reasons are those of the table" {
	calls >blood.tsv
	report -q --title Blood blood.tsv -o page.html
	text page.html >page.txt
	grep -q 'Cell types Blood cells 4 labels 2 Unknown 25.0 %' page.txt
	grep -q 'T cell 2 50.0 % 0.900 0.700 CL:0000084 T cell' page.txt
	grep -q 'Unknown 1 25.0 % 0.150 0.100' page.txt
	grep -q 'confidence under the threshold (LOW) 1 25.0 %' page.txt
	grep -q '2 of 2 3 75.0 %' page.txt
	grep -q 'm1 3 75.0 % m2 1 25.0 %' page.txt
}

@test "ids link to the ontology browser, and cells are counted up the ontology" {
	calls >blood.tsv
	report -q blood.tsv -o page.html
	grep -q 'href="https://www.ebi.ac.uk/ols4/ontologies/cl/classes?obo_id=CL:0000084"' page.html
	text page.html | grep -q 'lymphocyte 3 · 75.0 % CL:0000542'
	text page.html | grep -q '1 cell has no term'
}

@test "one of a thing is not called many" {
	printf 'cell\tlabel\tconfidence\tcl_id\na\tB cell\t0.9\tCL:0000236\n' >one.tsv
	report -q one.tsv -o one.html
	grep -q '<dt>cell</dt><dd>1<' one.html
	grep -q '<dt>label</dt><dd>1<' one.html
	grep -q '0.90 to 0.95: 1 cell"' one.html
	! grep -q 'no term' one.html || false
	printf 'b\tnone\t0.9\t\n' >>one.tsv
	report -q one.tsv -o one.html
	grep -q '>1 cell has no term' one.html
}

@test "labels are text, whatever is in them" {
	local evil='<script>alert(1)</script>"&'\''<img src=x onerror=alert(2)>'
	calls | sed "s|B cell|$(sed 's/&/\\&/g' <<<"$evil")|g; s|CL:0000236|javascript:alert(3)\"|; s|\tm1\t|\t</title><b>\t|g" >'a"<b>.tsv'
	report -q --title "$evil" 'a"<b>.tsv' -o page.html
	lacks -F '<script>alert' page.html
	lacks -E '<img|<b>|javascript:alert\(3\)"[ >]' page.html
	lacks -i 'href="javascript' page.html
	grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;' page.html
	[ "$(grep -c '<script' page.html)" = 1 ]
	printf 'cell\tlabel\nc1\tT\xff\xfe cell\x01\n' >bytes.tsv
	report -q bytes.tsv -o page.html
	iconv -f UTF-8 -t UTF-8 page.html >/dev/null
	grep -q 'T��' page.html
}

@test "the page asks nothing of the network" {
	calls >blood.tsv
	report -q blood.tsv -o page.html
	grep -oE '(src|href)="?[^" >]*|url\([^)]*|@import.*|fetch\(|XMLHttp' page.html >links.txt
	lacks -vE '^href="(#|data:,|https://www.ebi.ac.uk/ols4/ontologies/cl/classes)' links.txt
	grep -q "default-src 'none'" page.html
}

@test "a bare table is enough, and an empty one" {
	printf 'cell\tlabel\nc1\tT\n' >bare.tsv
	report -q bare.tsv -o page.html
	text page.html | grep -q 'T 1 100.0 %'
	lacks -E '>(Confidence|Unknown, by reason|What was run|Top genes)<' page.html
	printf 'cell\tlabel\tconfidence\n' >none.tsv
	report -q none.tsv -o page.html
	text page.html | grep -q 'cells 0 labels 0 Unknown 0.0 %'
}

@test "a vote's losses are told" {
	printf 'cell\tlabel\tconfidence\tmajority_voting\nc1\tT\t0.9\tT\nc2\tB\t0.4\tT\nc3\tT\t0.8\tT\n' >v.tsv
	report -q v.tsv -o page.html
	text page.html >page.txt
	grep -q '2 labels before, 1 after; 1 lost' page.txt
	grep -q 'B lost 1 0' page.txt
	grep -q 'T 2 3' page.txt
}

@test "many labels, each counted" {
	{
		printf 'cell\tlabel\tlabel_original\tmajority_voting\n'
		seq 1 3000 | awk -v OFS='\t' '{ print "c" $1, "type " $1 % 700, "was " $1, "voted " $1 }'
	} >many.tsv
	report -q many.tsv -o page.html
	text page.html >page.txt
	grep -q 'cells 3,000 labels 700' page.txt
	grep -q 'type 7 5 0.2 %' page.txt
	grep -q '3000 labels before, 3000 after; 3000 lost' page.txt
}

# A run of the golden halves: a model, its calls, an evaluation, and manifests of the steps.
whole_run() {
	mkdir -p run/manifests run/typed
	lr-train -q --allow-loss -l bulk_labels "$GOLDEN/pbmc_train.h5ad" -o model.h5 --manifest run/manifests/train.json
	cp "$GOLDEN/pbmc_query.h5ad" query.h5ad
	lr-predict -q -m model.h5 query.h5ad -o calls.tsv --manifest run/manifests/predict.json
	gate -q calls.tsv -o run/typed/query.tsv --manifest run/manifests/gate.json
	h5-obs get -q -c bulk_labels query.h5ad -o truth.tsv
	evaluate -q --truth truth.tsv --json eval.json run/typed/query.tsv -o eval.tsv
}

full() {
	report -q --run run --h5ad query.h5ad --batch louvain --eval eval.json --model model.h5 "$@" run/typed/query.tsv
}

@test "the page says which labels were judged, and what the figures mean" {
	whole_run
	full -o page.html
	text page.html >page.txt
	grep -q 'Accuracy is the share of cells that got their true label' page.txt
	lacks -E 'Judged is|By the ontology, a narrower|Hierarchical F' page.txt
	evaluate -q --truth truth.tsv --label label_original --json eval.json run/typed/query.tsv -o eval.tsv
	full -o page.html
	text page.html | grep -q 'Judged is the column label_original: every cell'
}

@test "a whole run: coverage, picture, batches, truth, genes, steps; twice the same bytes" {
	whole_run
	full -o one.html
	full -o two.html
	same one.html two.html
	text one.html >page.txt
	grep -q 'model 760 of 760 100.0 % 100.0 %' page.txt
	grep -qE 'louvain Cells Labels 0 ' page.txt
	grep -q "accuracy $(awk -F '\t' '$1 == "accuracy" { printf "%.3f", $3 }' eval.tsv)" page.txt
	grep -q 'predict lr-predict coverage' page.txt
	grep -qF 'lr-train -q --allow-loss -l bulk_labels' page.txt
	lacks -E 'wall_seconds|peak_memory' page.txt
	sed -n 's/.*src="data:image\/png;base64,\([^"]*\)".*/\1/p' one.html | head -n 1 | base64 -d >picture.png
	python - <<-'PY'
	import struct, zlib
	data, at, chunks = open("picture.png", "rb").read(), 8, []
	assert data[:8] == b"\x89PNG\r\n\x1a\n"
	while at < len(data):
	    n, kind = struct.unpack(">I4s", data[at:at + 8])
	    body = data[at + 8:at + 8 + n]
	    assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0]
	    chunks.append((kind, body))
	    at += 12 + n
	assert [k for k, _ in chunks] == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
	rows = zlib.decompress(chunks[3][1])
	assert len(rows) == 640 * 641
	assert max(rows) == len(chunks[1][1]) // 3 - 1
	PY
}

@test "every layer of the picture is of the same cells, with levels and names for what it shows" {
	whole_run
	full -o one.html
	python - run/typed/query.tsv <<-'PY'
	import base64, re, struct, sys, zlib
	page = open("one.html", encoding="utf-8").read()
	def pixels(png):
	    data, at = base64.b64decode(png), 8
	    while at < len(data):
	        n, kind = struct.unpack(">I4s", data[at:at + 8])
	        if kind == b"IDAT":
	            rows = zlib.decompress(data[at + 8:at + 8 + n])
	            return [v for y in range(640) for v in rows[641 * y + 1:641 * y + 641]]
	        at += 12 + n
	found = re.findall(r'<img ([^>]*?)src="data:image/png;base64,([^"]*)"', page)
	labels = pixels(found[0][1])
	layers = {re.search('data-layer="(\\w+)"', a).group(1): (a, pixels(p)) for a, p in found[1:]}
	assert {"confidence", "sample"} <= set(layers), layers.keys()
	for word, (attributes, values) in layers.items():
	    assert all((v > 0) == (l > 0) for v, l in zip(values, labels)), word
	names = re.search('data-names="([^"]*)"', layers["sample"][0]).group(1).split("&#10;")
	assert len(names) == max(layers["sample"][1]) and len(names) > 2, names
	assert 1 <= min(v for v in layers["confidence"][1] if v) and max(layers["confidence"][1]) <= 32
	PY
	text one.html >page.txt
	grep -q 'Composition Label Mean share 95 % of the mean' page.txt
}

@test "the composition of samples: means of shares, and their interval" {
	(printf 'cell\tlabel\tconfidence\n'; for i in 0 1 2 3 4 5 6 7; do printf 'c%s\t%s\t0.9\n' $i "$([ $((i % 4)) -lt $((1 + i / 4)) ] && echo A || echo B)"; done) >calls.tsv
	printf 'gene,c0,c1,c2,c3,c4,c5,c6,c7\ng1,1,0,2,1,0,1,3,1\ng2,0,1,1,1,2,1,0,1\n' >x.csv
	h5-import -q --rows genes x.csv -o x.h5ad
	(printf 'cell\tdonor\n'; for i in 0 1 2 3 4 5 6 7; do printf 'c%s\td%s\n' $i $((i / 4)); done) >donors.tsv
	h5-obs put -q -f donors.tsv x.h5ad -o q.h5ad
	report -q --h5ad q.h5ad --batch donor calls.tsv -o p.html
	# A: 1 of 4 and 2 of 4; mean 37.5 %, half an interval 12.706 * .1768 / sqrt(2)
	text p.html | grep -qE 'A 37.5 % 0.0 to 100.0 % 25.0 to 50.0 %'
}

@test "the h5ad must be the one the calls were made from" {
	whole_run
	head -n 100 run/typed/query.tsv >short.tsv
	fails 1 'query.h5ad: has 3[0-9][0-9] cells, the calls have 99' report --h5ad query.h5ad short.tsv -o p.html
	(head -n 1 run/typed/query.tsv; tail -n +2 run/typed/query.tsv | tac) >tac.tsv
	fails 1 'query.h5ad: cell 1 is .*not the file they were made from' report --h5ad query.h5ad tac.tsv -o p.html
	fails 1 "no column 'donor'" report --h5ad query.h5ad --batch donor run/typed/query.tsv -o p.html
	[ ! -e p.html ]
}

@test "each two models are compared where their calls are still there" {
	mkdir -p run/manifests
	for m in 1 2 3; do
		printf 'cell\tlabel\tconfidence\tmodel\nc1\tT\t1\tm%s\nc2\tT%s\t1\tm%s\nc3\tB\t1\tm%s\nc4\tB%s\t1\tm%s\n' \
			$m $((m / 2)) $m $m $m $m >calls.$m.tsv
		echo '{"tool": "lr-predict", "inputs": [{"path": "queries/blood.genes.h5ad"}], "outputs": [{"path": "calls.'$m'.tsv"}]}' >run/manifests/predict.$m.json
	done
	calls >blood.tsv
	report -q --run run blood.tsv -o page.html
	text page.html | grep -q 'm1 50.0 % 50.0 % m2 50.0 % 75.0 % m3 50.0 % 75.0 %'
	: >calls.3.tsv
	report -q --run run blood.tsv -o page.html
	text page.html | grep -q 'm1 50.0 % m2 50.0 % Cells that both'
	sed -i 's/^c2/c9/' calls.2.tsv
	fails 1 'calls.2.tsv:3: not the cells of calls.1.tsv' report --run run blood.tsv -o p.html
	sed -i '/^c9/,$d' calls.2.tsv
	fails 1 'calls.2.tsv:.*not the cells of calls.1.tsv' report --run run blood.tsv -o p.html
	rm calls.2.tsv
	report -q --run run blood.tsv -o page.html
	lacks 'Each two models' page.html
}

@test "files for MultiQC have a row per query" {
	calls >blood.tsv
	calls | sed 's/B cell/NK cell/g' >liver.tsv
	report -q --multiqc mqc blood.tsv liver.tsv -o page.html
	[ "$(grep -v '^#' mqc/pipette_labels_mqc.tsv | tr '\t\n' ' ,')" = "Sample B cell NK cell T cell Unknown,blood 1 0 2 1,liver 0 1 2 1," ]
	python -c 'import json; d = json.load(open("mqc/pipette_general_mqc.json"))["data"]; assert d["liver"]["pipette_unknown"] == 25 and d["blood"]["pipette_cells"] == 4'
	grep -q 'href="#q2">liver<' page.html
}

@test "what is damaged or missing is named" {
	calls >blood.tsv
	mkdir -p run/manifests
	fails 1 'nowhere/manifests: no manifests of a run' report --run nowhere blood.tsv -o p.html
	echo '{"tool": "gate", ' >run/manifests/gate.json
	fails 1 'not a manifest \(run the step again\): run/manifests/gate.json:[0-9]+:[0-9-]+: not JSON' report --run run blood.tsv -o p.html
	echo '[]' >run/manifests/gate.json
	fails 1 'gate.json: not a manifest: it names no tool' report --run run blood.tsv -o p.html
	echo '{}' >e.json
	fails 1 'e.json: no "accuracy" in it' report --eval e.json blood.tsv -o p.html
	fails 2 '2 tables, but 1 --eval' report --eval e.json blood.tsv blood.tsv -o p.html
	fails 2 '--batch names a column' report --batch x blood.tsv -o p.html
	fails 1 'none.tsv' report none.tsv -o p.html
	[ ! -e p.html ]
}

@test "manifests may say anything of any type" {
	calls >blood.tsv
	mkdir -p run/manifests
	echo '{"tool": "x", "argv": [1, null, "a b"], "inputs": [3, {"path": 4}], "outputs": 7, "decisions": [1], "counts": {"a": -5, "b": 1e300, "c": [], "d": "<i>"}, "version": []}' >run/manifests/odd.json
	report -q --run run blood.tsv -o page.html
	grep -q '&lt;i&gt;' page.html
	text page.html | grep -qF '&#39;a b&#39;'
}

# ---- evidence: tables of one query with two labels ----

evidence_tables() {
	calls >blood.tsv
	printf 'cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\tmean\tmean_rest\n' >m.tsv
	printf 'T cell\tCD3D\t9\t3\t0\t0.001\t0.9\t0.81\t0.1\t2\t0.1\nT cell\tMS4A1\t-2\t-1\t0.5\t0.6\t0.4\t0.04\t0.3\t0.05\t1\n' >>m.tsv
	printf 'B cell\tMS4A1\t8\t3\t0\t0.001\t0.9\t0.64\t0.1\t1.5\t0.1\nB cell\tCD3D\t-3\t-2\t0.1\t0.2\t0.3\t0\t0.5\t0\t1\n' >>m.tsv
	local head=$'cluster\tlabel\tid\tsource\tproposed\tstatus\tsupport\trank\tgenes\tconflict\tcontradiction\tbest\tbest_id\tbest_z\tsecond\tsecond_z\tmargin\tcoverage\tlimit\tconfidence\treason'
	printf '%s\n' "$head" $'T cell\tT cell\t\tgiven\tT cell\tsupported\t9.5\t1\tCD3D,CD3E\t\t0\tT cell\t\t9.5\t\t\t1\t1\t\t0.9\t' \
		$'B cell\tB cell\t\tgiven\tB cell\tconflict\t1.25\t7\tMS4A1\tCD3D,TRAC\t0.8\tT cell\t\t6.5\t\t\t1\t1\t\t0\tother-lineage' >v.tsv
	printf '%s\n' $'cluster\tlabel\tid\tstatus\treason\tgenes\tinvented\trationale\talternatives\tagreement\tmodel\tsource\tprompt_tokens\tcompletion_tokens' \
		$'T cell\tT cell\t\tproposed\t\tCD3D\t0\tIt has <CD3>.\t\t1\ttiny-1\tmodel\t1\t1' \
		$'B cell\tT cell\t\tproposed\t\tCD3D\t0\tThe same.\t\t1\ttiny-1\tmodel\t1\t1' >p.tsv
	printf '%s\n' "$head" $'T cell\tT cell\t\tgiven\tT cell\tsupported\t9.5\t1\tCD3D\t\t0\tT cell\t\t9.5\t\t\t1\t1\t\t0.9\t' \
		$'B cell\tUnresolved\t\tgiven\tT cell\tweak\t1\t7\t\t\t0\tB cell\t\t6.5\t\t\t1\t1\t\t0\tweak' >j.tsv
}

@test "evidence: marker genes as dots, verdicts, proposals with what became of them" {
	evidence_tables
	report -q --label-markers m.tsv --verdicts v.tsv --proposals p.tsv --judged j.tsv blood.tsv -o page.html
	grep -q 'r="8.1" fill-opacity="1.00" data-tip="CD3D in T cell: 81&nbsp;% of the cells, mean 2.00"' page.html
	grep -q 'r="1.8" fill-opacity="0.15" data-tip="MS4A1 in T cell: 4&nbsp;% of the cells, mean 0.05"' page.html
	[ "$(grep -o '<circle cx[^>]*data-tip' page.html | wc -l)" -eq 3 ]
	text page.html >page.txt
	grep -q 'T cell supported 9.50 T cell 9.50 0.90 CD3D CD3E B cell conflict other-lineage 1.25 T cell 6.50 0.00 MS4A1 CD3D TRAC' page.txt
	grep -q 'T cell T cell proposed supported T cell It has &lt;CD3&gt;. B cell T cell proposed weak Unresolved The same.' page.txt
	grep -q 'By tiny-1, which chose from a closed list. A proposal is no label' page.txt
	report -q blood.tsv -o bare.html
	lacks -E 'class="dots"|Proposals|What the markers say' bare.html
}

@test "evidence: files that are not those tables, or too many, are named" {
	evidence_tables
	fails 1 "m.tsv.*'?status|status.*m.tsv|label" report --verdicts m.tsv blood.tsv -o no.html
	fails 1 "gene" report --label-markers v.tsv blood.tsv -o no.html
	fails 1 "gone.tsv" report --judged gone.tsv blood.tsv -o no.html
	fails 2 '1 tables, but 2 --verdicts' report --verdicts v.tsv --verdicts v.tsv blood.tsv -o no.html
	fails 2 'give the files with --h5ad' report --domains v.tsv blood.tsv -o no.html
	[ ! -e no.html ]
	head -n 1 m.tsv >none.tsv
	report -q --label-markers none.tsv blood.tsv -o page.html
	lacks 'class="dots"' page.html
}

@test "evidence: domains and labels are drawn where cells are" {
	evidence_tables
	mkdir mer
	printf ',GeneA\nc1,1\nc2,2\nc3,3\nc4,4\n' >mer/a_cell_by_gene.csv
	printf 'EntityID,fov,volume,center_x,center_y\nc1,0,1,0,0\nc2,0,1,100,0\nc3,0,1,0,50\nc4,0,1,100,50\n' >mer/a_cell_metadata.csv
	h5-import -q mer -o blood.h5ad
	printf 'cell\tcluster\nc1\t0\nc2\t0\nc3\t1\nc4\t1\n' >d.tsv
	report -q --h5ad blood.h5ad --domains d.tsv blood.tsv -o page.html
	grep -q '4 cells by spatial, coloured by label' page.html
	grep -q '<h3>Domains of the tissue</h3>' page.html
	grep -q 'to scale, y downwards' page.html
	[ "$(grep -c '<img width=' page.html)" -eq 2 ]
	# to scale: the field is twice as wide as high, so the top quarter of the picture is bare
	python - <<-'END'
		import base64, re, struct, zlib
		png = base64.b64decode(re.findall(r'base64,([^"]*)', open("page.html").read())[0])
		data, at = b"", 8
		while at < len(png):
		    n, kind = struct.unpack(">I4s", png[at:at + 8])
		    data += png[at + 8:at + 8 + n] if kind == b"IDAT" else b""
		    at += n + 12
		raw = zlib.decompress(data)
		width = len(raw) // 640
		rows = [r for r in range(640) if any(raw[r * width + 1:(r + 1) * width])]
		assert 150 < rows[0] < 175 and 465 < rows[-1] < 490, (rows[0], rows[-1])
	END
	printf 'cell\tcluster\nc1\t0\nc3\t1\n' >short.tsv
	fails 1 'not the file they were' report --h5ad blood.h5ad --domains short.tsv blood.tsv -o no.html
}

@test "novelty, what climbed, and true labels in other words have their place on the page" {
	printf 'cell\tlabel\tconfidence\tprobability\tnovelty\tlabel_original\treason\n' >q.tsv
	printf 'c1\tT cell\t.5\t.3\t0.5\tCD4\tCLIMB;LOW\nc2\tB\t.9\t.9\t1.5\tB\t\nc3\tUnknown\t.5\t.9\t7\tB\tFAR\n' >>q.tsv
	printf 'cell\tlabel\nc1\tT cells\nc2\tB cells\nc3\tneuron\n' >truth.tsv
	printf 'label\tid\nCD4\tCL:0000624\nB\tCL:0000236\nT cells\tCL:0000084\nB cells\tCL:0000236\nneuron\tCL:0000540\n' >map.tsv
	evaluate -q --truth truth.tsv --map map.tsv --label label_original --json eval.json q.tsv -o eval.tsv
	report -q --eval eval.json q.tsv -o page.html
	text page.html >page.txt
	grep -q 'of a term above it, which it got (CLIMB;LOW) 1 33.3 %' page.txt
	grep -q 'Unknown or climbed, by reason' page.txt
	grep -q 'to which cells climbed, is not counted as right' page.txt
	grep -q 'like no training cell (FAR) 1 33.3 %' page.txt
	grep -q '0 to 1 1 33.3 %' page.txt
	grep -q '4 and more 1 33.3 %' page.txt
	grep -q "true labels' words" page.txt
	grep -q 'T cells called T cells' page.html
}

@test "--qc adds measures and what is wrong, for the table at its place; nothing adds nothing" {
	calls >blood.tsv
	calls >lung.tsv
	printf 'cell\tn_counts\tn_genes\tmito_share\tribo_share\tcomplexity\tdoublet_score\tqc\n' >qc.tsv
	printf 'c1\t100\t50\t0.01\t0.2\t0.9\t\t\nc2\t200\t60\t0.02\t0.2\t0.9\t\tHIGH_MITO\n' >>qc.tsv
	printf 'c3\t300\t70\t0.5\t0.2\t0.9\t\tHIGH_MITO;DOUBLET\nc4\t400\t80\t\t0.2\t0.9\t\t\n' >>qc.tsv
	: >none.tsv
	report -q --qc none.tsv --qc qc.tsv blood.tsv lung.tsv -o page.html
	text page.html >page.txt
	[ "$(grep -o 'Quality of the cells' page.txt | wc -l)" -eq 1 ]
	grep -q 'lung .*Quality of the cells' page.txt
	grep -q 'Counts 100 300 400 Genes 50 70 80 Mitochondrial, % 1.0 2.0 50.0 Ribosomal, % 20.0 20.0 20.0' page.txt
	lacks -q 'Doublet score' page.txt
	grep -q 'DOUBLET: likely two cells in one droplet 1 25.0 % HIGH_MITO: a high mitochondrial share 2 50.0 %' page.txt
	grep -q ' 2 cells have something wrong' page.txt
	fails 2 '2 tables, but 1 --qc' report --qc qc.tsv blood.tsv lung.tsv -o no.html
	fails 1 'there is no column qc' report --qc <(cut -f 1-7 qc.tsv) blood.tsv -o no.html
	fails 1 'line 2' report --qc <(sed 's/100/x/' qc.tsv) blood.tsv -o no.html
}

# What is in a PNG file, looked at without our code: its size, and how many pixels have each colour given.
colours() {
	python - "$@" <<-'END'
		import struct, sys, zlib
		png = open(sys.argv[1], "rb").read()
		assert png[:8] == b"\x89PNG\r\n\x1a\n"
		data, at = b"", 8
		while at < len(png):
		    n, kind = struct.unpack(">I4s", png[at:at + 8])
		    body = png[at + 8:at + 8 + n]
		    assert struct.unpack(">I", png[at + 8 + n:at + 12 + n])[0] == zlib.crc32(kind + body)
		    if kind == b"IHDR":
		        width, height, depth, pixel = struct.unpack(">IIBB", body[:10])
		    data += body if kind == b"IDAT" else b""
		    at += n + 12
		assert (depth, pixel) == (8, 2)
		raw = zlib.decompress(data)
		assert len(raw) == height * (3 * width + 1)
		rows = [raw[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)] for y in range(height)]
		pixels = [row[3 * x:3 * x + 3] for row in rows for x in range(width)]
		print(width, height, *(pixels.count(bytes.fromhex(c)) for c in sys.argv[2:]))
	END
}

@test "--png: the pictures as files, each when there is something to show" {
	evidence_tables
	mkdir mer
	printf ',GeneA\nc1,1\nc2,2\nc3,3\nc4,4\n' >mer/a_cell_by_gene.csv
	printf 'EntityID,fov,volume,center_x,center_y\nc1,0,1,0,0\nc2,0,1,100,0\nc3,1,1,0,50\nc4,1,1,100,50\n' >mer/a_cell_metadata.csv
	h5-import -q mer -o blood.h5ad
	printf 'cell\tlabel\nc1\tT cell\nc2\tT cell\nc3\tB cell\nc4\tB cell\n' >truth.tsv
	evaluate -q --truth truth.tsv --json e.json blood.tsv -o scores.tsv
	report -q --png slides --h5ad blood.h5ad --batch fov --label-markers m.tsv --eval e.json blood.tsv -o page.html
	[ "$(cd slides && echo *)" = 'blood.calibration.png blood.cells.confidence.png blood.cells.label.png blood.cells.model.png blood.cells.sample.png blood.composition.png blood.genes.png blood.space.confidence.png blood.space.label.png blood.space.model.png pictures.tsv' ]
	[ "$(cut -f 1 slides/pictures.tsv | sort | uniq -c | tr -s ' ')" = $' 10 blood\n 1 query' ]
	[ "$(cut -f 2 slides/pictures.tsv | sed 1d | sort)" = "$(cd slides && ls -- *.png)" ]
	grep -qx $'blood\tblood.space.label.png\tcells in the tissue by label' slides/pictures.tsv
	# T cells are two of four, in the first colour; B and Unknown one each
	read -r width height t b unknown < <(colours slides/blood.cells.label.png 0077bb ee7733 8a8f98)
	echo "$width $height $t $b $unknown"
	[ "$height" = 1376 ] && [ "$t" -gt 350 ] && [ "$b" -gt 180 ] && [ "$unknown" -gt 180 ] && [ "$t" -gt $((b + 150)) ]
	read -r width height blue < <(colours slides/blood.calibration.png 0077bb)
	[ "$width" -gt 900 ]
	read -r width height blue < <(colours slides/blood.genes.png 0077bb)
	[ "$blue" -gt 700 ] # CD3D in T cells, full
	report -q --png again --h5ad blood.h5ad --batch fov --label-markers m.tsv --eval e.json blood.tsv -o page.html
	diff -r slides again
	report -q --png bare blood.tsv -o page.html
	[ "$(ls bare)" = $'blood.composition.png\npictures.tsv' ]
	printf '# not typed: refused\n' >not.tsv
	report -q --png none not.tsv -o page.html
	[ "$(cat none/*)" = $'query\tfile\tshows' ]
	fails 2 'give files' report --png no - -o no.html <blood.tsv
	printf '' >file
	fails 1 'file' report --png file blood.tsv -o no.html
}
