#include "shared/markup.h"

#include <stddef.h>
#include <string.h>

#include "shared/str.h"
#include "shared/xml.h"

bool
markup_is_name(const char *name)
{
	size_t len = name == NULL ? 0 : strlen(name);

	for (size_t i = 0; i < len; i++)
		if (strchr("<>&'\"=/ !?()[]{};,", name[i]) != NULL ||
		    (unsigned char)name[i] < ' ')
			return false;
	return len > 0;
}

void
markup_add_attr(struct str *out, const char *name, const char *value)
{
	str_addc(out, ' ');
	str_addz(out, name);
	str_addz(out, "='");
	xml_escape(out, value);
	str_addc(out, '\'');
}
