# Predicting 50,000 x 20,000 log-normalised cells with 40 types on 4,555 genes, file to calls;
# memory as cells grow tenfold (to a million: scale.sh).
counts=$(data counts-50k --cells 50000 --genes 20000)
small=$(data counts-50k-gzip --cells 50000 --genes 20000 --compress gzip:4)
large=$(data counts-500k-gzip --cells 500000 --genes 20000 --compress gzip:4)
query=$DATA_FOLDER/lognorm-50k.h5ad
model=$DATA_FOLDER/model-4555x40.pkl
out=$DATA_FOLDER/calls
[ -e "$query" ] || lognorm -q "$counts" -o "$query"
[ -e "$model" ] || "$PYTHON" "$PEER_SCRIPTS/predict-model.py" "$query" "$model"

compare 'lr-predict, 40 types, 4,555 genes' 16 30 "lr-predict -q -m $model $query -o $out.tsv" \
	"$PYTHON $PEER_SCRIPTS/predict.py $model $query $out.peer.tsv"
lr-predict -q -m "$model" "$query" -o "$out.tsv" --probability "$out.h5"
"$PYTHON" "$PEER_SCRIPTS/predict.py" "$model" "$query" "$out.peer.tsv" "$out.npy" >>"$DATA_FOLDER/log" 2>&1
"$PYTHON" "$PEER_SCRIPTS/predict-same.py" "$out.tsv" "$out.h5" "$out.peer.tsv" "$out.npy"
measure 'lr-predict from counts' "lr-predict -q -m $model $counts -o $out.tsv"
measure 'lr-predict from counts, 50,000 cells, gzip' "lr-predict -q -m $model $small -o $out.tsv"
measure 'lr-predict from counts, 500,000 cells, gzip' "lr-predict -q -m $model $large -o $out.tsv"
rm -f "$out".*
