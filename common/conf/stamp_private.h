/* stamp_private.h - what a file is known by: path, size and time.
 *
 * A stamp is words of a line. A file that is another one now has another stamp, whether its time
 * went on or back.
 */
#ifndef CONF_STAMP_PRIVATE_H
#define CONF_STAMP_PRIVATE_H

#include "base/text.h"

/*
 * Append the stamp of a file; nothing for NULL. A source of cells may be several files: of a folder
 * it is what is in it, of an mtx file the lists beside it that are called alike, in the order of
 * their names.
 */
int stamp_source(struct text *t, const char *path, struct err *err) MUST_USE;

#endif
