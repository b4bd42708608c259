/* place.c - HDF5's driver for ordinary files, with a question. */
#include "base/util.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "h5ad/hdf5/hdf5.h"
#include "h5ad/hdf5/place.h"

static H5FD_class_t plain; /* HDF5's own */
static hid_t driver = H5I_INVALID_HID;

/*
 * What this thread asks: where would these bytes be read from, or written to? While it finds out,
 * HDF5 may read and write what else it has to.
 */
static _Thread_local struct place_question {
	const void *bytes; /* NULL: nothing is asked */
	struct place *place;
} question;

static bool is_asked(const void *bytes)
{
	return question.bytes && bytes == question.bytes;
}

static herr_t note(haddr_t at, size_t n)
{
	question.place->at = at;
	question.place->n = n;
	return 0;
}

/* Damage makes HDF5 refuse an address by itself; what has an errno comes from the disk. */
static herr_t read_now(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t at, size_t n,
		       void *bytes)
{
	errno = 0;
	herr_t got = plain.read(file, kind, transfer, at, n, bytes);
	if (got < 0 && errno && errno != EINVAL)
		crash_unread(errno);
	return got;
}

static herr_t read_or_note(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t at, size_t n,
			   void *bytes)
{
	return is_asked(bytes) ? note(at, n) : read_now(file, kind, transfer, at, n, bytes);
}

static herr_t write_or_note(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t at, size_t n,
			    const void *bytes)
{
	return is_asked(bytes) ? note(at, n) : plain.write(file, kind, transfer, at, n, bytes);
}

/* HDF5 does not know how long the file has become by what others wrote to their places. */
static herr_t cut(H5FD_t *file, hid_t transfer, hbool_t closing)
{
	haddr_t end = plain.get_eoa(file, H5FD_MEM_DEFAULT);
	int *fd = NULL;

	if (plain.truncate(file, transfer, closing) < 0 ||
	    plain.get_handle(file, H5P_DEFAULT, (void **)&fd) < 0)
		return -1;
	return ftruncate(*fd, (off_t)end);
}

/* The functions of HDF5's own driver are had from a file that is open with it. */
static void make_driver(void)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS);
	H5FD_t *any;

	H5Pset_fapl_sec2(access);
	any = H5FDopen("/proc/self/exe", H5F_ACC_RDONLY, access, HADDR_UNDEF);
	H5Pclose(access);
	if (!any)
		return;
	plain = *any->cls;
	H5FDclose(any);
	H5FD_class_t ours = plain;
	ours.name = "place";
	ours.read = read_or_note;
	ours.write = write_or_note;
	ours.truncate = cut;
	driver = H5FDregister(&ours);
}

void place_driver(hid_t access)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_driver);
	if (driver < 0 || H5Pset_driver(access, driver, NULL) < 0)
		H5Pset_fapl_sec2(access);
}

int place_descriptor(hid_t file)
{
	int *fd = NULL;
	hid_t access = H5Fget_access_plist(file);
	bool ours = access >= 0 && driver >= 0 && H5Pget_driver(access) == driver;

	if (ours && H5Fget_vfd_handle(file, access, (void **)&fd) < 0)
		fd = NULL;
	if (access >= 0)
		H5Pclose(access);
	return fd ? *fd : -1;
}

int place_of_chunk(hid_t dataset, const hsize_t *at, struct place *place)
{
	char nothing[8];

	*place = (struct place){.n = 0};
	question = (struct place_question){nothing, place};
	herr_t got = H5Dread_chunk(dataset, H5P_DEFAULT, at, &place->skipped, nothing);
	question.bytes = NULL;
	return got < 0 || !place->n ? -1 : 0;
}

int place_for_chunk(hid_t dataset, const hsize_t *at, uint32_t skipped, const void *bytes, size_t n,
		    struct place *place)
{
	*place = (struct place){.skipped = skipped};
	question = (struct place_question){bytes, place};
	herr_t got = H5Dwrite_chunk(dataset, H5P_DEFAULT, skipped, at, n, bytes);
	question.bytes = NULL;
	return got < 0 ? -1 : 0;
}
