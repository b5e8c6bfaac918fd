#include "schema/schema.h"

#include <string.h>

const struct schema_type *
schema_type_named(const struct schema *schema, const char *name)
{
	const struct schema_type *type = schema->types;

	while (type != NULL && strcmp(type->name, name) != 0)
		type = type->next;
	return type;
}

const struct schema_program *
schema_program_of(const struct schema *schema, uint32_t number)
{
	const struct schema_program *it = schema->programs;

	while (it != NULL && it->number != number)
		it = it->next;
	return it;
}

const struct schema_version *
schema_version_of(const struct schema_program *program, uint32_t number)
{
	const struct schema_version *it =
	    program != NULL ? program->versions : NULL;

	while (it != NULL && it->number != number)
		it = it->next;
	return it;
}

const struct schema_procedure *
schema_procedure_of(const struct schema_version *version, uint32_t number)
{
	const struct schema_procedure *it =
	    version != NULL ? version->procedures : NULL;

	while (it != NULL && it->number != number)
		it = it->next;
	return it;
}

const char *
schema_word_of(const struct schema_type *type, int32_t value)
{
	const struct schema_word *word = type->words;

	while (word != NULL && word->value != value)
		word = word->next;
	return word != NULL ? word->name : NULL;
}

const struct schema_field *
schema_arm_of(const struct schema_type *type, uint32_t value)
{
	const struct schema_arm *arm = type->arms;

	while (arm != NULL && !arm->is_default && (uint32_t)arm->value != value)
		arm = arm->next;
	return arm != NULL ? arm->field : NULL;
}

struct schema_field
schema_field_bare(const struct schema_field *field)
{
	struct schema_field bare = *field;

	while (bare.shape == SCHEMA_SINGLE && bare.type->kind == SCHEMA_ALIAS) {
		const struct schema_field *of = bare.type->fields;

		bare.shape = of->shape;
		bare.type = of->type;
		bare.count = of->count;
	}
	return bare;
}
