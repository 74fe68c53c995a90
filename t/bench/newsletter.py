# SPDX-License-Identifier: GPL-3.0-or-later
"""A newsletter as today's programs for them write it, of any size: tables in tables, every element with a style of its own,
pictures from elsewhere, links with long addresses, comments for one mail program, a style sheet at the head."""

SHEET = """<style type="text/css">
body,table,td,a{-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%} table,td{mso-table-lspace:0;mso-table-rspace:0}
img{-ms-interpolation-mode:bicubic;border:0;height:auto;line-height:100%;outline:none;text-decoration:none}
@media only screen and (max-width:480px){.stack{display:block!important;width:100%!important}.pad{padding:10px!important}}
</style>"""
HEAD = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<meta name="viewport" content="width=device-width"><title>News</title>%s</head>
<body style="margin:0;padding:0;background-color:#f4f4f4;" bgcolor="#f4f4f4">
<table border="0" cellpadding="0" cellspacing="0" width="100%%"><tr><td align="center" bgcolor="#f4f4f4">
<!--[if mso]><table align="center" border="0" width="600"><tr><td width="600"><![endif]-->
<table border="0" cellpadding="0" cellspacing="0" width="100%%" style="max-width:600px;">""" % SHEET
STORY = """
<tr><td class="pad" bgcolor="#ffffff" align="left" style="padding: 20px 30px 40px 30px; color: #666666; font-family: 'Lato',
 Helvetica, Arial, sans-serif; font-size: 18px; font-weight: 400; line-height: 25px;">
<table width="100%%" border="0" cellspacing="0" cellpadding="0" role="presentation"><tr>
<td class="stack" width="180" valign="top" style="width:180px;padding-right:15px;border-bottom:1px solid #eeeeee;">
<a href="https://news.example.org/c/%(n)d?utm_source=letter&amp;utm_medium=email&amp;id=4fd8a3b7e2" target="_blank"><img
 src="https://pictures.example.org/stories/%(n)d/small.jpg" alt="Picture %(n)d" width="180" height="120"
 style="display:block;border:0;outline:none;text-decoration:none;max-width:100%%;"></a></td>
<td class="stack" valign="top" style="font-family:Arial,Helvetica,sans-serif;font-size:15px;color:#333333;line-height:1.5;">
<h2 style="margin:0 0 10px 0;font-size:22px;font-weight:bold;color:#1155aa;">What happened in week %(n)d</h2>
<p style="margin:0 0 12px;">The council met, and said that <b>nobody knows</b> what comes next; the library stays open until
<span style="color:rgb(200, 30, 30);white-space:nowrap">ten o&#8217;clock</span> all the same. Caf&eacute; and bar are closed.</p>
<p style="margin:0"><a href="https://news.example.org/story/%(n)d?utm_source=letter&amp;utm_campaign=week&amp;u=88fe2c"
 style="color:#ffffff;background-color:#1155aa;display:inline-block;padding:8px 16px;border-radius:3px;text-decoration:none;
font-weight:bold">Read more</a>&nbsp; <font size="2" color="#999999" face="Arial, Helvetica">%(n)d comments</font></p>
</td></tr></table></td></tr>"""
FOOT = """
<tr><td align="center" style="padding:30px;font-size:12px;color:#999999">You get this since you asked for it.
<a href="https://news.example.org/leave?u=88fe2c" style="color:#999999;text-decoration:underline">Leave</a>
<img src="https://news.example.org/open?u=88fe2c" width="1" height="1" alt=""></td></tr></table>
<!--[if mso]></td></tr></table><![endif]--></td></tr></table></body></html>"""


def newsletter(size):
    """As many stories as come to about `size` bytes."""
    stories, length = [], len(HEAD) + len(FOOT)
    while length < size:
        stories.append(STORY % {"n": len(stories) + 1})
        length += len(stories[-1])
    return HEAD + "".join(stories) + FOOT
