/* tiles.c - datasets that no survey has looked over, and files that change or lie: each is an error that says so. */
#include "base/util.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <zlib.h>

#include "base/fd.h"
#include "h5ad/hdf5/hdf5.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/hdf5/tiles.h"
#include "stored.h"
#include "tap.h"

enum { LONG = 3000000 }; /* numbers of a chunk that is too long to be held */

static struct err err;
static const struct how plain;
static enum { WELL, NO_BEGIN, NO_COPY } zlib_does;

/* zlib's, without memory when that is wanted. */
int inflateInit_(z_streamp z, const char *version, int size)
{
	static int (*own)(z_streamp, const char *, int);
	void *found = dlsym(RTLD_NEXT, "inflateInit_");

	memcpy(&own, &found, sizeof(own));
	return zlib_does == NO_BEGIN ? Z_MEM_ERROR : own(z, version, size);
}

int inflateCopy(z_streamp to, z_streamp from)
{
	static int (*own)(z_streamp, z_streamp);
	void *found = dlsym(RTLD_NEXT, "inflateCopy");

	memcpy(&own, &found, sizeof(own));
	return zlib_does == NO_COPY ? Z_MEM_ERROR : own(to, from);
}

static bool said(const char *words)
{
	bool so = strstr(err.text, words);

	if (!so)
		printf("# it said: %s\n", err.text);
	err_clear(&err);
	return so;
}

/* The file, as filters open it: their driver knows where bytes are. */
static hid_t opened(unsigned how)
{
	hid_t access = h5_access(), file = H5Fopen(path, how, access);

	H5Pclose(access);
	return file;
}

/* Open /d, of the file as it is by now, and read all of it; does the error have the words? */
static bool reading_says(const char *words)
{
	hid_t file = opened(H5F_ACC_RDONLY);
	struct tile tile = {.raw = NULL};
	struct filter_room room = {.inflater = NULL};
	struct tiles tiles = {.name = NULL};
	int ret = tiles_open(&tiles, file, "m.h5", "/d", &err);

	for (size_t i = 0; !ret && i < tiles.n_tiles[0] * tiles.n_tiles[1]; i++)
		ret = tiles_fetch(&tiles, i, &tile, &err) ||
		      !tiles_numbers(&tiles, &tile, &room, &err);
	tile_release(&tile);
	filter_room_release(&room);
	tiles_close(&tiles);
	H5Fclose(file);
	return ret ? said(words) : str_eq(words, "nothing");
}

/* A new file with the dataset /d, of floats. */
static void make(hid_t plist, int rank, const hsize_t *dims)
{
	hid_t file = new_file(&plain), space = H5Screate_simple(rank, dims, NULL);
	hid_t set = H5Dcreate2(file, "/d", H5T_IEEE_F32LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);

	if (set < 0)
		BUG("no dataset");
	H5Dclose(set);
	H5Sclose(space);
	H5Fclose(file);
	H5Pclose(plist);
}

static hid_t chunked(int rank, const hsize_t *chunk)
{
	hid_t plist = H5Pcreate(H5P_DATASET_CREATE);

	H5Pset_chunk(plist, rank, chunk);
	return plist;
}

static size_t ours(unsigned flags UNUSED, size_t n UNUSED, const unsigned *values UNUSED,
		   size_t bytes, size_t *size UNUSED, void **buffer UNUSED)
{
	return bytes;
}

static void not_to_be_read(void)
{
	static const H5Z_class2_t class = {H5Z_CLASS_T_VERS, 300, 1, 1, "ours", NULL, NULL, ours};
	const hsize_t dims[3] = {4, 5, 6}, huge[1] = {(hsize_t)1 << 61}, ten[1] = {10};
	hid_t plist;

	make(H5Pcreate(H5P_DATASET_CREATE), 3, dims);
	OK(reading_says("m.h5: /d: an array of one or two dimensions was expected"),
	   "three dimensions");
	make(chunked(1, ten), 1, huge);
	OK(reading_says("/d: the shape 2305843009213693952 x 1 is impossible"),
	   "an impossible shape");
	H5Zregister(&class);
	plist = chunked(1, ten);
	H5Pset_filter(plist, 300, 0, 0, NULL);
	make(plist, 1, ten);
	OK(reading_says("/d: compressed with filter 300 (ours), which needs a plugin"),
	   "a plugin's filter");
	plist = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_external(plist, "elsewhere", 0, 40);
	make(plist, 1, ten);
	OK(reading_says("/d: its data are in another file, which is not followed"),
	   "external data");
	plist = H5Pcreate(H5P_DATASET_CREATE);
	hid_t space = H5Screate_simple(1, ten, NULL);
	H5Pset_virtual(plist, space, "elsewhere", "/d", space);
	H5Sclose(space);
	make(plist, 1, ten);
	OK(reading_says("/d: a virtual dataset, which is not followed"), "a virtual dataset");
}

/* In the bytes of the file, what was 'old' becomes 'new', wherever it stands. How often? */
static int patch(uint64_t old, uint64_t new, size_t size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), n = 0;
	size_t bytes = MIN((size_t)lseek(fd, 0, SEEK_END), (size_t)1 << 20);
	char *all = mem_alloc(bytes, 1);

	if (read_at(fd, all, bytes, 0))
		BUG("cannot read the file");
	for (size_t i = 0; i + size <= bytes; i++) {
		if (memcmp(all + i, &old, size) == 0) {
			n++;
			if (write_at(fd, &new, size, i))
				BUG("cannot write the file");
		}
	}
	free(all);
	close(fd);
	return n;
}

/* A new file with 'n' numbers /d, in chunks if 'chunk' is not 0; the place of them, or of their first chunk. */
static struct place stored(size_t n, size_t chunk, const char *filters)
{
	const struct how how = {.chunk = chunk, .filters = filters};
	const hsize_t dims[1] = {n}, first[1] = {0};
	double *values = mem_alloc(n, sizeof(*values));
	struct place place = {.n = 4 * n};

	for (size_t i = 0; i < n; i++)
		values[i] = n < LONG ? (double)(i * i % 4099) : 0;
	hid_t file = new_file(&how);
	if (!chunk) /* so that the place is no other number of the file */
		put(file, "/c", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, values, 1, (hsize_t[]){123},
		    &how);
	put(file, "/d", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, values, 1, dims, &how);
	H5Fclose(file);
	free(values);
	file = opened(H5F_ACC_RDONLY);
	hid_t set = H5Dopen2(file, "/d", H5P_DEFAULT);
	place.at = H5Dget_offset(set);
	if (chunk && place_of_chunk(set, first, &place))
		BUG("no chunk");
	H5Dclose(set);
	H5Fclose(file);
	return place;
}

/* Other bytes for the first chunk. */
static void put_chunk(const void *bytes, size_t n)
{
	const hsize_t first[1] = {0};
	hid_t file = opened(H5F_ACC_RDWR), set = H5Dopen2(file, "/d", H5P_DEFAULT);

	if (H5Dwrite_chunk(set, H5P_DEFAULT, 0, first, n, bytes) < 0)
		BUG("the chunk cannot be written");
	H5Dclose(set);
	H5Fclose(file);
}

static void lies(void)
{
	struct place place = stored(1000, 0, NULL);

	OK(reading_says("nothing"), "numbers as they should be");
	OK(patch(place.at, (uint64_t)1 << 40, 8) == 1 &&
		   reading_says("m.h5: /d: the file ends within the data (it is truncated)"),
	   "data that are beyond the end");
	place = stored(1000, 1000, NULL);
	OK(patch(place.n, 3999, 4) == 1 &&
		   reading_says("m.h5: /d: chunk 0 cannot be read (the file is damaged)"),
	   "a plain chunk of another length");
	place = stored(5000, 5000, "z");
	OK(patch(place.n, INT32_MAX, 4) == 1 && reading_says("m.h5: /d: chunk 0 cannot be found"),
	   "a chunk longer than the file");
	place = stored(5000, 5000, "z");
	OK(patch(place.at, (uint64_t)1 << 40, 8) == 1 &&
		   reading_says("m.h5: /d: chunk 0 cannot be read"),
	   "a chunk that is beyond the end");
}

static void long_chunks(void)
{
	struct place place = stored(LONG, LONG, "z");
	uLongf n = compressBound(4 * LONG + 4);
	Bytef *packed = mem_alloc(n, 1), *zeros = mem_zero(4 * LONG + 4, 1);

	OK(reading_says("nothing"), "a long chunk as it should be");
	zlib_does = NO_BEGIN;
	OK(reading_says("/d: chunk 0: no memory to unpack"), "no memory to begin a long chunk");
	zlib_does = WELL;
	compress2(packed, &n, zeros, 4 * LONG + 4, 1);
	put_chunk(packed, n);
	OK(reading_says("/d: chunk 0: it holds more than 12000000 bytes"),
	   "a long chunk that is longer still");
	place = stored(LONG, LONG, "z");
	OK(patch(place.n, INT32_MAX, 4) >= 1 &&
		   reading_says("/d: chunk 0: cannot be read (the file is damaged)"),
	   "a long chunk beyond the end");
	stored(LONG, LONG, "sz");
	zlib_does = NO_COPY;
	OK(reading_says("/d: chunk 0: no memory to unpack"),
	   "no memory for a long chunk's next plane");
	zlib_does = WELL;
	free(packed);
	free(zeros);
}

/* The file becomes shorter, or cannot be read, between its opening and the reading of its data. */
static void changing(void)
{
	struct place place = stored(1000, 0, NULL);
	float numbers[1000];
	struct tiles tiles;
	struct tile tile = {.raw = NULL};
	hid_t file = opened(H5F_ACC_RDONLY);

	bool good = !tiles_open(&tiles, file, "m.h5", "/d", &err) && tiles.way == TILES_DIRECT &&
		    !truncate(path, (off_t)place.at + 10);
	OK(good && tiles_read_stored(&tiles, 0, 1000, numbers, &err) < 0 &&
		   said("m.h5: /d: the file ends within the data (it is truncated)"),
	   "a file that was cut");
	tiles.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	OK(tiles_read_stored(&tiles, 0, 1000, numbers, &err) < 0 &&
		   said("m.h5: /d: Bad file descriptor"),
	   "a file that cannot be read");
	close(tiles.fd);
	tiles_close(&tiles);
	H5Fclose(file);

	place = stored(LONG, LONG, "f");
	file = opened(H5F_ACC_RDONLY);
	good = !tiles_open(&tiles, file, "m.h5", "/d", &err) && tiles.way == TILES_LONG &&
	       !truncate(path, (off_t)place.at + 10);
	OK(good && tiles_fetch(&tiles, 0, &tile, &err) < 0 &&
		   said("/d: chunk 0: the file ends within the data (it is truncated)"),
	   "a file with a long chunk that was cut");
	tile_release(&tile);
	tiles_close(&tiles);
	H5Fclose(file);
}

/* What a storage of CSR or dense says of /X as it is in the file. */
static bool storage_says(enum kept_as as, const char *words)
{
	hid_t file = opened(H5F_ACC_RDONLY);
	const struct task task = {.file = file,
				  .file_name = "m.h5",
				  .path = "/X",
				  .n_rows = 3,
				  .n_columns = 4,
				  .row = "cell",
				  .column = "gene",
				  .limits = STREAM_LIMITS};
	struct storage *s = as == CSR ? csr_storage(&task, &err) : dense_storage(&task, &err);
	bool good = !s && said(words);

	if (s)
		s->free(s);
	H5Fclose(file);
	return good;
}

static void storages(void)
{
	const int64_t starts[4] = {0, 1, 1, 1}, indices[1] = {0};
	const double values[20] = {1};
	const hsize_t square[2] = {2, 2}, other[2] = {3, 5};
	const struct how floats = {.starts = H5T_IEEE_F32LE};
	hid_t file = new_file(&floats);

	put_sparse(file, &floats, starts, 4, indices, values, 1);
	H5Fclose(file);
	OK(storage_says(CSR, "m.h5: /X/indptr: integers were expected"),
	   "row starts that are no integers");
	file = new_file(&plain);
	put_sparse(file, &plain, starts, 4, indices, values, 1);
	H5Ldelete(file, "/X/indices", H5P_DEFAULT);
	put(file, "/X/indices", H5T_STD_I32LE, H5T_NATIVE_DOUBLE, values, 2, square, &plain);
	H5Fclose(file);
	OK(storage_says(CSR, "m.h5: /X/indices: an array of one dimension was expected"),
	   "indices of two dimensions");
	file = new_file(&plain);
	put(file, "/X", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, values, 2, other, &plain);
	H5Fclose(file);
	OK(storage_says(DENSE, "m.h5: /X: 3 x 5 numbers, but there are 3 cells and 4 genes"),
	   "another shape");
}

int main(void)
{
	make_file();
	h5_start();
	not_to_be_read();
	lies();
	long_chunks();
	changing();
	storages();
	unlink(path);
	return done_testing();
}
