"""Police operations, the records that belong to them, and what became of crime where they ran."""

from service.operations import effects, operations, tags

namespaces = (
    operations.operations,
    tags.operation_tags,
    effects.operation_effects,
)
