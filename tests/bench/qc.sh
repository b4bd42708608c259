# Quality and doublets of 20,000 x 20,000 counts, beside scanpy's calculate_qc_metrics and Scrublet as
# scanpy has it.
query=$(data qc-20k --cells 20000 --genes 20000 --types 40)
compare 'h5-qc, 20,000 x 20,000, against scanpy and Scrublet' 10 - \
	"h5-qc -q $query -o $DATA_FOLDER/qc.tsv" "$PYTHON -W ignore $PEER_SCRIPTS/qc.py $query $DATA_FOLDER/qc-theirs.tsv"
measure '  measures alone' "h5-qc -q --no-doublets $query -o $DATA_FOLDER/qc.tsv"
