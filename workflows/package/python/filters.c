/* filters.c - several filters in one program: its first argument says which.
 *
 * Of a wheel, where every filter on its own would bring its own copy of HDF5. FILTERS names a file
 * of lines FILTER("lr-predict", main_lr_predict), made by build-wheel.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef int filter_main(int argc, char **argv);

#define FILTER(name, main) filter_main main;
#include FILTERS
#undef FILTER

static const struct {
	const char *name;
	filter_main *main;
} filters[] = {
#define FILTER(name, main) {name, main},
#include FILTERS
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(filters) / sizeof(*filters); i++)
		if (strcmp(filters[i].name, argv[1]) == 0)
			return filters[i].main(argc - 1, argv + 1);
	fprintf(stderr, "usage: %s FILTER [ARGUMENT...]\n", argv[0]);
	return 2;
}
