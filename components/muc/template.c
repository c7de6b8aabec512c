#include "components/muc/template.h"

#include <string.h>

#include "shared/ns.h"
#include "shared/router.h"
#include "shared/xml.h"

void
template_init(struct template *template, const struct xml *message)
{
	struct str *head = &template->head, *tail = &template->tail;

	memset(template, 0, sizeof(*template));
	str_addz(head, TEMPLATE_START);
	for (const struct xml_attr *at = message->attrs; at; at = at->next)
		if (at->ns == NULL && strcmp(at->name, "to") != 0)
			xml_print_attr(head, at->name, at->value);
	if (xml_lang(message) != NULL)
		xml_print_attr(head, "xml:lang", xml_lang(message));
	str_addc(tail, '>');
	for (const struct xml *el = message->first; el; el = el->next)
		xml_print(tail, el, NS_CLIENT);
	str_addz(tail, TEMPLATE_END);
}

void
template_fini(struct template *template)
{
	str_fini(&template->head);
	str_fini(&template->tail);
}

struct router_template
template_view(const struct template *template)
{
	return (struct router_template){
		template->head.data, template->head.len,
		template->tail.data, template->tail.len
	};
}
