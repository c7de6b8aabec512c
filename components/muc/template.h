/*
 * template.h - a message as everybody in a room gets it, but for its to.
 *
 * Printed once, whatever the number of those who get it.
 */
#ifndef MUC_TEMPLATE_H
#define MUC_TEMPLATE_H

#include "shared/str.h"

struct router_template;
struct xml;

/* The start of the stanza, and all that comes after its to attribute. */
#define TEMPLATE_START	"<message"
#define TEMPLATE_END	"</message>"

struct template {
	struct str text;	/* from TEMPLATE_START to TEMPLATE_END */
	size_t head_len;	/* of what comes before to */
};

void template_init(struct template *template, const struct xml *message);
void template_fini(struct template *template);

/* As the router takes it; lives as long as template. */
struct router_template template_view(const struct template *template);

#endif
