{{%AUTOESCAPE context="HTML"}}
{{#FIELD}}<dt>{{FIELD_NAME}}</dt><dd>{{#FIELD_ADDRESS}}<bdi>{{ADDRESS_TEXT}}</bdi>{{#ADDRESS_COMMA}}, {{/ADDRESS_COMMA}}{{/FIELD_ADDRESS}}{{#FIELD_TEXT}}<bdi>{{FIELD_TEXT}}</bdi>{{/FIELD_TEXT}}</dd>{{/FIELD}}
