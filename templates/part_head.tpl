{{%AUTOESCAPE context="HTML"}}
<!DOCTYPE html>
<html lang="[[@lang]]" dir="[[@dir]]"{{#THEME}} data-theme="{{THEME}}"{{/THEME}}{{#COMPACT}} data-density="compact"{{/COMPACT}}>
<head>
<meta charset="utf-8">
<title>{{TITLE}} – [[@site_name]]</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="[[@css]]">
<script src="[[@script]]" defer></script>
<link rel="icon" href="[[@mark]]" type="image/svg+xml">
</head>
