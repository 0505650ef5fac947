"""The words that generated nicknames are made of: short, friendly, and harmless in any pair."""

from typing import Final

_ADJECTIVES: Final = """
Amber Ancient Autumn Brave Bright Brisk Calm Candid Cheerful Clever Cobalt Copper Coral Cosmic Cozy Crimson
Crystal Curious Daring Dawn Distant Drifting Eager Early Earnest Electric Emerald Endless Fabled Faint
Fearless Fleet Flying Foggy Gentle Gilded Glad Golden Grand Hazel Hidden Hollow Honest Humble Indigo Ivory
Jolly Keen Kindly Lively Lone Lucid Lucky Lunar Magic Maroon Mellow Merry Midnight Misty Modest Nimble Noble
Northern Opal Patient Placid Plucky Polar Proud Quick Quiet Rapid Roaming Rustic Sable Scarlet Secret Serene
Shadow Shining Silent Silver Sleepy Snowy Solar Southern Spry Starry Steady Stellar Stormy Sunny Swift Tidal
Timid Tranquil Velvet Violet Vivid Wandering Warm Western Wild Windy Winter Wise Witty Wondrous Zesty
"""
_NOUNS: Final = """
Acorn Albatross Antler Arrow Badger Beacon Beaver Bison Bobcat Breeze Brook Canyon Caravan Cedar Comet Condor
Coyote Crane Cricket Dolphin Dragonfly Ember Falcon Fern Ferret Finch Firefly Fjord Forest Fox Galaxy Gecko
Glacier Goose Grove Harbor Harvest Hawk Hedgehog Heron Horizon Iguana Island Jaguar Jasper Juniper Kestrel
Koala Lagoon Lantern Lark Lemur Leopard Lichen Lizard Llama Lynx Magpie Maple Marble Marmot Meadow Meteor Moon
Moose Moth Mountain Narwhal Nebula Newt Nomad Ocean Ocelot Orchid Osprey Otter Owl Panda Panther Parrot Pebble
Pelican Penguin Pigeon Pilot Pine Planet Puffin Quail Quokka Rabbit Raccoon Raven Reader Reef River Robin
Rocket Sailor Salmon Scout Seal Shore Sparrow Spruce Squirrel Starling Stoat Stork Summit Swallow Swan Thistle
Thunder Tiger Toucan Traveler Trout Tulip Turtle Valley Viewer Violin Voyager Walrus Warbler Waterfall Weasel
Whale Willow Wolf Wombat Woodpecker Wren Yak Zebra Zephyr
"""
ADJECTIVES: Final = tuple(_ADJECTIVES.split())
NOUNS: Final = tuple(_NOUNS.split())
