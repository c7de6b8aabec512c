/*
 * markup.h - XML text from what another program took apart.  It need not be
 * well-formed, as names are as they were found: whoever reads it finds out.
 */
#ifndef SHARED_MARKUP_H
#define SHARED_MARKUP_H

#include <stdbool.h>

struct str;

/* Whether it could be a name, with or without a prefix: nothing that would
   end one is in it.  NULL is none. */
bool markup_is_name(const char *name);
/* Behind a start tag's name. */
void markup_add_attr(struct str *out, const char *name, const char *value);

#endif
