# SPDX-License-Identifier: GPL-3.0-or-later
"""Who writes on this campus. Invented, every one of them."""

COLLEAGUES = {  # short name: (display name, address, minutes east of Greenwich)
    "ines": ("Ines Quellbach", "ines.quellbach@example.edu", 60),
    "tomas": ("Tomás Arvelo", "tomas.arvelo@example.edu", 60),
    "wilma": ("Wilma Oosterhuis", "w.oosterhuis@example.edu", 60),
    "piet": ("Piet Zandvliet", "zandvliet@example.edu", 60),
    "noor": ("Noor Halabi", "noor.halabi@example.edu", 120),
    "jonas": ("Jonas Birkeland", "birkeland@example.edu", 60),
    "aoife": ("Aoife Ní Dhuibhir", "aoife@example.org", 0),
    "szilvia": ("Szilvia Kőszegi", "koszegi@example.org", 60),
    "mirela": ("Mirela Dragan-Pop", "mirela.dragan@example.edu", 120),
    "hal": ("Hal Prendergast", "hal.prendergast@example.com", -300),
    "odile": ("Odile Fontanès", "odile.fontanes@example.org", 60),
    "yuto": ("桐島 悠斗", "kirishima@example.org", 540),
    "grete": ("Grete Lindqvist-Sørum", "grete.sorum@example.net", 60),
    "amadou": ("Amadou Keïta-Brun", "amadou.kb@example.org", 0),
    "bea": ("Beatriz Monforte", "bea.monforte@example.net", -180),
    "lev": ("Лев Заречный", "zarechny@example.org", 180),
    "suha": ("سهى المرجان", "suha@example.org", 180),
    "chen": ("陈望舒", "chen.ws@example.org", 480),
    "mum": ("Mum", "ruth.at.home@example.net", 0),
}
OFFICES = {
    "library": ("University Library", "library@example.edu", 60),
    "it": ("IT Service Desk", "servicedesk@example.edu", 60),
    "canteen": ("Canteen on the Hill", "canteen@example.edu", 60),
    "parcels": ("Parcel Room, Building C", "parcels@example.edu", 60),
    "rooms": ("Room Booking", "rooms@example.edu", 60),
    "dean": ("Office of the Dean", "dean.office@example.edu", 60),
    "sports": ("Campus Sports", "sports@example.edu", 60),
    "choir": ("University Choir", "choir@example.edu", 60),
    "forge": ("Code Forge", "forge@example.org", 0),
    "press": ("Campus Gazette", "gazette@example.edu", 60),
    "bikes": ("Bicycle Kitchen", "bikes@example.org", 60),
    "seminar": ("Thursday Seminar", "seminar@example.edu", 60),
    "travel": ("Example Rail", "tickets@example.com", 0),
    "garden": ("Botanical Garden", "garden@example.edu", 60),
    "hr": ("Human Resources", "hr@example.edu", 60),
}
EVERYBODY = {**COLLEAGUES, **OFFICES}
# For lists: combined by number, so that thousands of posts have hundreds of writers.
FIRST = ("Alma Bram Ciara Dov Edda Fenna Goran Hedda Imre Jolanda Kees Liv Milo Nuria Oke Petra "
         "Quirin Runa Stijn Talia Ulla Veit Wanda Xenia Yara Zeno Åke Björn Céline Đorđe Émile "
         "Łucja Óscar Şule Žana").split()
LAST = ("Abendroth Bakkerud Castellanos Dimmock Ekströmer Fairweather Grönvall Hallesby Iversholt "
        "Jankowiak Kestrel Lorenzetti Marchbanks Nieuwpoort Okonjo-Reyes Pettersen Quayle "
        "Ravensworth Sandoval Tjäder Underwood-Ito Vasquette Wieczorny Yarborough Zelenka").split()
