/* ascii.h - letters without accents, Greek ones by name, dashes and quotes as plain ones. */
#ifndef ONTO_MATCH_ASCII_H
#define ONTO_MATCH_ASCII_H

#include "base/util.h"

/*
 * At most 'room' bytes and a NUL. Case is kept, other scripts keep their bytes, and bytes that are
 * no UTF-8 become blanks.
 */
void to_ascii(const char *s, char *out, size_t room);

#endif
