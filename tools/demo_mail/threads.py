# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations: a subject, the day they begin (counted back from now), and who says what. "me" is
the mailbox's owner, whose part lies in Sent. A number is the hours that pass before."""

THREADS = [
    ("The coffee machine on the third floor", 3, [
        ("tomas", 0, "Friends,\n\nthe machine now says DESCALE ME in capitals. It has never used capitals before. Who has the powder?\n\nTomás\n"),
        ("ines", 1, "Not me. I believe the powder is in the cupboard marked POISON, which was a joke at the time.\n\nInes\n"),
        ("me", 1, "It is there, behind the vases. I can do it at four, if somebody stands by for moral support.\n"),
        ("jonas", 2, "I will stand by. I will also bring a mop, from experience.\n\nJonas\n"),
        ("tomas", 20, "It is done, it hums, it makes coffee that tastes of coffee. Thank you, heroes. The mop was needed.\n\nTomás\n"),
    ]),
    ("Glacier hydrophones: who can carry what", 9, [
        ("noor", 0, "Hi all,\n\nthe helicopter takes 240 kg and not a gram more. At the moment we are 31 kg over. Please write what each of you could leave at home.\n\nNoor\n"),
        ("amadou", 3, "I can leave the second battery. It is the heavy one. We never used it last time, except as a table.\n\nAmadou\n"),
        ("aoife", 5, "The steel case can stay; the hydrophones travel in my socks just as well. That is 9 kg.\n\nAoife\n"),
        ("me", 2, "I leave the printed maps (2 kg) and the good coffee pot (1 kg, with regret).\n"),
        ("noor", 14, "Wonderful: 2 kg over. Aoife, how many socks?\n\nNoor\n"),
        ("aoife", 1, "Fewer than before. Call it 1.5 kg.\n\nA.\n"),
        ("piet", 22, "I shall have a light breakfast.\n\nPiet\n"),
    ]),
    ("Exam questions for Linear Algebra", 16, [
        ("wilma", 0, "Hello,\n\nI propose five questions: two on determinants, one on least squares, one proof, and one that they have never seen but can do if they are calm. Agreed?\n\nWilma\n"),
        ("me", 4, "Agreed. May I write the calm one? I have an idea with a bridge and four cables.\n"),
        ("wilma", 2, "You may. Last year's students still talk about the ferry.\n\nWilma\n"),
        ("mirela", 25, "The hall is booked, 180 seats. Please count the chairs this time.\n\nMirela\n"),
    ]),
    ("Green roof: the bees have opinions", 24, [
        ("bea", 0, "Hi,\n\nthe beekeeper came today. The hives can stay on the south edge if we move the weather station three metres, because the bees dislike the anemometer. She says it is the noise. I think it is professional envy.\n\nBea\n"),
        ("hal", 6, "Three metres is fine for the data, I checked the cable. Who owns a long ladder?\n\nHal\n"),
        ("mirela", 15, "Building services own a long ladder. Building services also own the harness, without which nobody touches the ladder.\n\nMirela\n"),
        ("me", 2, "Then let us do it together on Thursday at ten. I bring rolls.\n"),
        ("bea", 3, "Thursday at ten. The beekeeper brings honey for the rolls.\n\nBea\n"),
    ]),
    ("Seminar dinner", 6, [
        ("odile", 0, "Chers amis,\n\nnous sommes neuf jeudi soir : je réserve chez Œnone, menu à 29 €. Dites-moi si quelqu'un ne mange pas de poisson.\n\nÀ jeudi,\nOdile\n"),
        ("jonas", 2, "No fish for me, thank you. Everything else, twice.\n\nJonas\n"),
        ("szilvia", 3, "I eat everything but capers. It is a long story.\n\nSzilvia\n"),
        ("odile", 15, "C'est noté : sans poisson pour Jonas, sans câpres pour Szilvia. L'histoire des câpres sera due au dessert.\n\nOdile\n"),
    ]),
    ("Broken link on the course page", 2, [
        ("ines", 0, "Sheet 7 on the course page leads to sheet 6. The students have noticed and are delighted.\n\nInes\n"),
        ("me", 1, "Repaired. They will be less delighted now.\n"),
        ("ines", 1, "They have found out and ask whether sheet 6 counts twice.\n\nInes\n"),
    ]),
    ("tidegauge 2.0: what is left to do", 12, [
        ("grete", 0, "Hei,\n\nwhat is left for 2.0, as I see it:\n\n  * the calibration table (mine)\n  * documentation of the serial protocol (anybody's)\n  * that test which fails at full moon (nobody's, so far)\n\nRelease before the equinox?\n\nGrete\n"),
        ("lev", 8, "I take the moon. It is a time zone, I am nearly certain.\n\nLev\n"),
        ("hal", 4, "Protocol documentation: I have four pages of notes from the ferry. They are damp but legible.\n\nHal\n"),
        ("lev", 40, "It was a time zone. More exactly it was the absence of one. Patch attached to issue 218.\n\nLev\n"),
        ("grete", 3, "Then it is settled: release on the 19th. Thank you all!\n\nGrete\n"),
    ]),
    ("Who took the whiteboard from B 2.14?", 31, [
        ("piet", 0, "There was a whiteboard in B 2.14. There is now a rectangle of cleaner wall. Does anyone know more?\n\nPiet\n"),
        ("tomas", 1, "I saw it yesterday by the lift, going up.\n\nTomás\n"),
        ("wilma", 2, "On its own?\n\nWilma\n"),
        ("mirela", 20, "It is being resurfaced and comes back on Monday, with new pens. There was a notice. The notice was on the whiteboard.\n\nMirela\n"),
    ]),
]
