/* climb.c - see climb.h. */
#include "base/util.h"

#include "base/mem.h"
#include "calls/climb.h"

/* "0.93 CL:0000084 T cell" up to 'end'. */
static int read_term(const char *at, const char *end, struct climbed *to, struct err *err)
{
	const char *space = memchr(at, ' ', (size_t)(end - at));
	const char *second = space ? memchr(space + 1, ' ', (size_t)(end - space - 1)) : NULL;
	char *number = mem_strn(at, space ? (size_t)(space - at) : 0);
	bool ok = second && second + 1 < end && parse_double(number, &to->probability) &&
		  to->probability >= 0;

	free(number);
	if (!ok)
		return err_set(err, "above: no probability, id and term: %.*s",
			       (int)MIN(end - at, 60), at);
	text_clear(&to->id);
	text_clear(&to->label);
	if (second - space != 2 || space[1] != '-')
		text_add_bytes(&to->id, space + 1, (size_t)(second - space - 1));
	text_add_bytes(&to->label, second + 1, (size_t)(end - second - 1));
	return 0;
}

int climb(const char *above, double least, struct climbed *to, struct err *err)
{
	while (*above) {
		const char *end = above + strcspn(above, "|");

		if (read_term(above, end, to, err))
			return -1;
		if (to->probability >= least)
			return 1;
		above = *end ? end + 1 : end;
	}
	return 0;
}

void climbed_release(struct climbed *to)
{
	text_release(&to->label);
	text_release(&to->id);
}
