{{%AUTOESCAPE context="HTML"}}
<footer class="foot">{{#HELP_URL}}<a href="{{HELP_URL}}">[[Help desk]]</a> {{/HELP_URL}}{{#ZONE_NAME}}<a href="[[@mount]]/settings/#time">{{ZONE_NAME}}</a> {{/ZONE_NAME}}<span>AlphaMail</span></footer>
</body>
</html>
