"""Dumps for the review: short, with every kind of thing in them that a reader may correct."""

LAMP = """Title: The Lamp Room
Work ID: 1234567
Author: Ada Quill
Language: English
Status: Updated
Chapters: 3/?

The harbour lamp went out at nine, and nobody in the town admitted to having seen it.

Marit carried the oil up all ninety steps, and then she carried it down again, since the door was locked.

***

"You might have knocked," said the keeper, when she told him in the morning.

A/N: Thanks for reading! Please leave a comment, the next chapter will be up on Friday.

Chapter 2

By Friday the door was open. Marit stood in front of it for the length of a prayer.

She went up. The keeper was asleep beside the lamp with his boots on.

Oil stood in the stairwell, nine cans of it, and none of it was hers.

She counted the cans again, because her mother had taught her to count a thing twice.

Chapter 3

Nobody counted the ships that night.

In the morning there were two on the rocks, and the keeper had shaved.
"""

HOSTILE = """Title: <script>alert("title")</script>
Author: "><img src=x onerror=alert(1)>
Language: English
Chapters: 1/1

<script>alert("text")</script> said the lamp, and </main> went on.

The keeper's cat & the keeper's {{ 7 * 7 }} {% raw %} boots.
"""
