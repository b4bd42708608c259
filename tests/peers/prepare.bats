load peers

peer() { "$PIPETTE_PEERS/bin/python" -W ignore "$TESTS/peers/prepare.py" "$1"; }

@test "concat of random files equals anndata.concat: obs with types and categories, var, X, layers, obsm" { peer concat; }
@test "concat keeps what is rare as anndata.concat does: types of obs columns, obsm of every kind, varm" { peer odd; }
@test "concat merges every two kinds of obs column as anndata.concat does" { peer kinds; }
@test "gene-normalize makes names unique as anndata does" { peer unique; }
@test "h5-import reads tables as scanpy does" { peer csv; }
@test "h5-import reads 10x folders as scanpy does" { peer mtx; }
@test "h5-select takes cells and genes as anndata does" { peer take; }
@test "h5-import reads 10x HDF5 files as scanpy does" { peer tenx; }
@test "h5-subsample of any storage keeps what anndata keeps, and shards put together are the whole" { peer draw; }
@test "gene-normalize follows the pipeline's rules on odd names" { peer rules; }
