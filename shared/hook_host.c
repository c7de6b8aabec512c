#include "shared/hook_host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/number.h"
#include "shared/str.h"
#include "shared/xml.h"

/* More cannot be meant. */
#define NUMBER_MAX 1000000

static const char *const names[] = {
	"tap", "check", "store", "presence", "route", "deliver", "fanout",
	"overlay", "act", "delegate",
};

/* Around a stanza, in the one by which it travels. */
#define WRAPPING ((size_t)4096)

#define COUNT (sizeof(names) / sizeof(names[0]))

void
hook_host_init(struct hook_host *host, const char *domain)
{
	*host = (struct hook_host){
		.domain = str_dup(domain),
		.router = str_dup(""),
	};
}

void
hook_host_fini(struct hook_host *host)
{
	free(host->domain);
	free(host->epoch);
	free(host->router);
}

static unsigned
find_bit(const char *word, size_t len)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (strlen(names[i]) == len &&
		    strncmp(names[i], word, len) == 0)
			return 1U << i;
	return 0;
}

/* Words it does not know are hooks of a newer version. */
static unsigned
read_hooks(const char *text)
{
	static const char blanks[] = " \t\r\n";
	unsigned hooks = 0;

	for (text += strspn(text, blanks); *text != '\0';
	     text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);

		hooks |= find_bit(text, len);
		text += len;
	}
	return hooks;
}

static const char *
read_text(const struct xml *hello, const char *name)
{
	const char *text = xml_attr(hello, name);

	return text == NULL ? "" : text;
}

static void
replace(char **text, const char *with)
{
	free(*text);
	*text = str_dup(with);
}

void
hook_host_greet(struct hook_host *host, const struct xml *hello)
{
	const char *epoch = read_text(hello, "epoch");

	host->up = true;
	host->hellos++;
	host->anew = host->epoch == NULL || strcmp(host->epoch, epoch) != 0;
	replace(&host->epoch, epoch);
	replace(&host->router, read_text(hello, "router"));
	host->hooks = read_hooks(read_text(hello, "hooks"));
	host->version = (unsigned)number_of(xml_attr(hello, "version"), 0,
					    NUMBER_MAX);
	host->window = (unsigned)number_of(xml_attr(hello, "window"), 1,
					   NUMBER_MAX);
	host->credit = (unsigned)number_of(xml_attr(hello, "credit"), 1,
					   NUMBER_MAX);
	/* Without any nothing could ever be sent. */
	if (host->credit == 0)
		host->credit = 1;
	host->stanza_bytes = number_of(xml_attr(hello, "stanza-bytes"),
				       SIZE_MAX, SIZE_MAX);
}

bool
hook_host_takes(const struct hook_host *host, const struct xml *stanza)
{
	struct str text = { 0 };
	size_t len;

	xml_print(&text, stanza, NULL);
	len = text.len;
	str_fini(&text);
	return host->stanza_bytes > WRAPPING &&
	       len <= host->stanza_bytes - WRAPPING;
}

void
hook_host_add_names(struct str *out, unsigned hooks)
{
	const char *between = "";

	for (unsigned i = 0; i < COUNT; i++)
		if (hooks & 1U << i) {
			str_addf(out, "%s%s", between, names[i]);
			between = ", ";
		}
}
