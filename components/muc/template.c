#include "components/muc/template.h"

#include <string.h>

#include "shared/ns.h"
#include "shared/router.h"
#include "shared/xml.h"

/* Most messages fit, and malloc() is fast with this size. */
#define USUAL_BYTES 1000

void
template_init(struct template *template, const struct xml *message)
{
	struct str *text = &template->text;

	memset(template, 0, sizeof(*template));
	str_grow(text, USUAL_BYTES);
	str_addz(text, TEMPLATE_START);
	for (const struct xml_attr *at = message->attrs; at; at = at->next)
		if (at->ns == NULL && !str_same(at->name, "to"))
			xml_print_attr(text, at->name, at->value);
	if (xml_lang(message) != NULL)
		xml_print_attr(text, "xml:lang", xml_lang(message));
	template->head_len = text->len;
	str_addc(text, '>');
	for (const struct xml *el = message->first; el; el = el->next)
		xml_print(text, el, NS_CLIENT);
	str_addz(text, TEMPLATE_END);
}

void
template_fini(struct template *template)
{
	str_fini(&template->text);
}

struct router_template
template_view(const struct template *template)
{
	size_t head_len = template->head_len;

	return (struct router_template){
		.head = template->text.data, .head_len = head_len,
		.tail = template->text.data + head_len,
		.tail_len = template->text.len - head_len,
	};
}
