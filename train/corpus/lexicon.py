"""From the name of a thing to its Locarno subclass: nouns of many products, read from the head.

"Bottle opener with bottle-shaped handle" is an opener, not a bottle: what follows "with", "for",
"having" and the like is left out, and of the nouns in the rest the last one decides, the longest
phrase first. A name with no known noun gets no class. Our own list, written after the headings of
the classification; meant as a weak label where an office's class is missing, never instead of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# One subclass a line; plurals are understood. A phrase beats the words it is made of. Phrases after
# "--" have no class of their own: what they name belongs wherever the whole article does.
NOUNS = """
01-01 bread, bread loaf, loaf, baguette, croissant, bun, cake, cup cake, cupcake, birthday cake, muffin, pie, cookie, biscuit, cracker, pretzel, doughnut, donut, waffle, pancake, pasta, noodle, pizza, chocolate, chocolate bar, candy, candy cane, candy bar, sweet, lollipop, lolly, ice cream, ice cream cone, ice cream bar, ice pop, popsicle, sundae, confection, confectionery, cereal, popcorn, chewing gum, gingerbread, snack, snack food, snack bar, toast, tart, macaron, taco, burrito, sandwich, burger, hamburger, hot dog, hotdog, french fry, fry, pastry, bagel, brioche, dough
01-02 apple, pear, banana, orange, lemon, lime, cherry, grape, strawberry, raspberry, blueberry, melon, watermelon, pineapple, peach, plum, mango, kiwi, carrot, tomato, potato, onion, garlic, cabbage, lettuce, broccoli, cauliflower, corn, pumpkin, cucumber, pepper, chili, eggplant, aubergine, mushroom, pea, bean, radish, turnip, leek, celery, asparagus, avocado, fruit, vegetable, salad, nut, acorn, walnut, peanut, olive, fruit bowl
01-03 cheese, butter, milk, yogurt, yoghurt, egg, fried egg
01-04 steak, meat, ham, sausage, bacon, chicken leg, drumstick, roasted chicken, roast, pork, sushi, shrimp dish
01-06 pet food, dog biscuit, pet treat, pet chew, dog chew, dog bone, animal feed, dog treat, chew
02-01 bra, brassiere, underwear, lingerie, panty, panties, brief, corset, pajama, pyjama, nightgown, bikini, swimsuit, undergarment, underpants, boxer short, diaper, girdle, slip
02-02 shirt, t-shirt, tshirt, tee, blouse, jacket, coat, overcoat, raincoat, dress, skirt, trousers, pants, pant, jeans, shorts, short, sweater, pullover, cardigan, vest, suit, uniform, robe, apron, hoodie, sweatshirt, jersey, gown, kimono, garment, clothes, clothing, cloak, poncho, bathrobe, overall, jumpsuit, costume, tuxedo, bib, legging
02-03 hat, baseball cap, bonnet, beret, turban, sombrero, headwear, beanie, top hat, visor cap, headband, hard cap, graduation cap, crown hat
02-04 shoe, boot, sandal, slipper, sneaker, sock, stocking, footwear, loafer, moccasin, mocassin, clog, high heel, heel, flip flop, flip-flop, shoe sole, outsole, shoe upper, sole, tights, bootie, athletic shoe, running shoe, footwear upper, insole, pump shoe, midsole
02-05 tie, necktie, bow tie, bowtie, scarf, shawl, neckerchief, handkerchief, bandana
02-06 glove, mitten, oven mitt, mitt
02-07 belt, buckle, belt buckle, button, zipper, zip, suspender, hair clip, barrette, hairpin, hair pin, hair band, safety pin, shoelace, shoe lace, snap fastener, clasp, hair accessory, hair claw, umbrella sheath
03-01 suitcase, luggage, trunk, briefcase, handbag, purse, wallet, backpack, rucksack, tote, tote bag, shopping bag, bag, travel bag, satchel, schoolbag, school bag, messenger bag, key ring, keyring, key chain, keychain, key holder, sports bag, duffel bag, pouch, case, carrying case, phone case, cell phone case, protective case, camera case, billfold, cosmetic case, card holder, golf bag, holster, sheath, tool bag, laptop bag, eyeglass case, clutch
03-03 umbrella, parasol, sunshade, walking stick, cane
03-04 hand fan, folding fan
03-05 baby carrier, child carrier
04-01 broom, scrubbing brush, push broom, mop brush, floor brush, cleaning brush, whisk broom, bottle brush
04-02 toothbrush, hairbrush, hair brush, toilet brush, clothes brush, shoe brush, brush, nail brush
04-03 brush for machine, rotary brush
04-04 paintbrush, paint brush, paint roller, pastry brush, shaving brush, makeup brush, cosmetic brush, basting brush
05-02 lace
05-04 ribbon, braid, trimming, lace trim
05-05 fabric, textile, textile fabric, woven fabric
05-06 sheet material, wallpaper, wrapping paper, paper towel sheet, absorbent sheet, embossed sheet, tissue paper
06-01 chair, armchair, arm chair, stool, bar stool, barstool, bench, sofa, couch, settee, seat, rocking chair, recliner, deck chair, ottoman, pouf, puff, office chair, high chair, loveseat, love seat, lounge, chaise longue, chaise lounge, folding chair, bean bag, beanbag, throne, bar chair, car seat, child seat, vehicle seat, futon couch, convertible sofa, sofa bed, hammock chair, wheel chair seat, seating unit, divan, pew, park bench
06-02 bed, bunk bed, crib, cot, cradle, bassinet, hammock, day bed, daybed, bedstead, bed frame, futon, baby bed, mezzanine bed, headboard bed
06-03 table, desk, coffee table, dining table, side table, workbench, end table, bedside table table, dressing table, bar table, folding table, console table, picnic table, writing desk, night table, work table, computer desk, technical table, pool table top, table top, conference table, vanity table, tabletop
06-04 cabinet, wardrobe, cupboard, bookcase, bookshelf, shelf, shelves, shelving, shelving unit, dresser, chest of drawers, drawer, nightstand, night stand, bedside table, sideboard, locker, filing cabinet, file cabinet, rack, coat rack, coat stand, chest, credenza, hutch, storage unit, tv stand, television cabinet, television stand, armoire, closet, storage rack, clothes rack, shoe rack, wine rack, storage cabinet, storage chest, buffet, vanity, entertainment center, bedside cabinet, sink cabinet, kitchen cabinet, corner cabinet, medicine cabinet, umbrella stand, storage furniture, hat rack, magazine rack, glass door cabinet, upper cabinet, lower cabinet
06-05 changing table, composite furniture, kitchen island, island, wall unit, kitchen unit
06-06 furniture leg, headboard, table leg, chair leg, armrest, chair arm, room divider, folding screen, furniture part, bed headboard, chair base, chair back, partition, furniture foot, footrest, backrest
06-07 mirror, picture frame, photo frame, photograph frame, painting, wall mirror
06-08 hanger, clothes hanger, coat hanger, coathanger, garment hanger, wall hanger
06-09 mattress, pillow, cushion, sleeping bag, air mattress, bolster, seat cushion, neck pillow, beach mat
06-10 curtain, blind, window blind, roller blind, venetian blind, window shade, drape, shower curtain, window covering
06-11 carpet, rug, mat, doormat, door mat, floor mat, tatami, bathmat, bath mat, car mat
06-12 tapestry, wall hanging
06-13 blanket, bed sheet, towel, tablecloth, napkin, quilt, bedspread, duvet, bath towel, place mat, placemat, pillowcase, coverlet, slipcover, linen, dish towel, comforter, table napkin
07-01 cup, mug, glass, wine glass, beer glass, cocktail glass, drinking glass, goblet, tumbler, plate, dish, bowl, saucer, teapot, tea pot, pitcher, jug, carafe, teacup, tea cup, coffee cup, coffee mug, beer mug, dinnerware, tableware, dinner plate, stein, chalice, martini, champagne glass, beer, wine, cocktail, tankard, decanter, drinking vessel, drinking cup, sugar bowl, creamer, gravy boat, coaster, serving dish, platter, stemware, coffee, tea, cake stand, plastic cup, casserole dish, pottery, sippy cup, drink, straw, drinking straw, egg cup, serving tray, soup bowl, salad bowl, beverage container, cup holder cup, shot glass
07-02 pot, cooking pot, saucepan, frying pan, pan, skillet, wok, kettle, tea kettle, toaster, oven, microwave, microwave oven, stove, cooker, cooktop, hob, barbecue, bbq, grill, barbecue grill, rice cooker, pressure cooker, casserole, deep fryer, fryer, sandwich maker, coffee maker, coffeemaker, stockpot, baking dish, baking pan, cake pan, bakeware, griddle, slow cooker, double oven, range, steamer, cookware, roaster, waffle iron, espresso maker, coffee pot, coffee press, french press, coffee brewer, popcorn maker, smoker grill, range cooker, air fryer, cauldron, camping stove, induction cooker, propane stove, muffin pan, electric kettle
07-03 knife, fork, spoon, cutlery, chopstick, chopsticks, silverware, flatware, teaspoon, table knife, kitchen knife, ladle, spork, steak knife, butter knife, chef knife, dinner fork, utensil set, eating utensil, cleaver, fork and knife, fork knife
07-04 whisk, grater, rolling pin, spatula, peeler, kitchen tool, corkscrew, garlic press, nutcracker, potato masher, pepper mill, salt shaker, pepper shaker, salt mill, chopping board, cutting board, colander, strainer, sieve, tongs, can opener, tin opener, ice cream scoop, cookie cutter, squeezer, lemon squeezer, juice squeezer, egg beater, mandoline, mortar, spice mill, slicer, egg slicer, pizza cutter, kitchen utensil, egg timer tool, funnel, measuring cup, measuring spoon, salad spinner, salt and pepper shaker, spice tower, ice tray, ice cube tray, mill, oil server, knife sharpener, cooking utensil, food chopper, skimmer, baster, turner, pastry cutter
07-05 iron, flatiron, flat iron, steam iron, ironing board, clothespin, clothes peg, clothes pin, clothes line, clothesline, drying rack, laundry basket, mop, bucket, pail, squeegee, feather duster, dustpan, dust pan, duster, sponge, scrubber, clothes horse, clothes dryer rack, cleaning pad, scouring pad, laundry hamper, mop bucket, window cleaner, dish rack, lint remover, clothes basket, cleaning cloth, dusting pad, mop head, floor wiper
07-06 kitchen and table utensil, trivet, napkin ring, toothpick holder, bottle opener, napkin holder, pot holder, tray, ice bucket tray, wine cooler stand, sushi tray, salt cellar
07-07 basket, waste basket, bread box, breadbox, bread bin, storage jar, cookie jar, spice jar, canister, food storage container, storage basket, lunch box, lunchbox, food container, laundry bin, household container, storage bin, piggy bank, money box, shopping basket, knife block, bucket bin, picnic basket, penny bank, bin liner holder
07-08 fireplace tool, fireplace screen, fireplace implement, fire poker
07-09 knife stand, paper towel holder, cup holder, spoon rest, plate stand, kitchen stand, utensil holder, towel paper holder, spice rack, toothbrush holder, dish stand, pan stand
07-10 cooler, ice bucket, cool box, vacuum flask, thermos, thermos flask, ice chest, isothermal container, wine cooler, ice box, insulated container, thermos bottle, insulated bottle, cooler box
08-01 drill, electric drill, cordless drill, shovel, spade, pickaxe, pick axe, pick, hoe, auger, drill bit, digging tool, power drill, trowel, garden trowel, rake, pitchfork, post hole digger, garden fork, milling cutter, hand drill
08-02 hammer, mallet, sledgehammer, gavel, nail gun, stapler gun, claw hammer, nailer, jackhammer
08-03 saw, hand saw, chainsaw, chain saw, scissors, shears, utility knife, pocket knife, swiss army knife, axe, ax, hatchet, razor knife, box cutter, pruner, secateurs, garden shears, machete, circular saw, hacksaw, jigsaw, saw blade, cutter, knife blade, chisel, plane, wood plane, pruning shears, folding knife, sickle, scythe, hedge trimmer, wire cutter, jig saw, cutting tool, multi-tool, multitool, pipe cutter, paper cutter, pen knife, penknife, loppers
08-04 screwdriver, wrench, spanner, socket wrench, torque wrench, allen key, hex key, ratchet, ratchet wrench, screw driver, impact wrench, driver bit, pipe wrench, adjustable wrench, hex wrench, monkey wrench, power screwdriver
08-05 pliers, plier, clamp, vise, vice, crowbar, anvil, cutting pliers, tool, hand tool, soldering iron, glue gun, caulking gun, c-clamp, tool set, tool kit, pry bar, tape gun, bolt cutter, hook tool, pick-up tool, reacher, grabber, crimping tool, tweezers tool, heat gun, workbench vise, riveter, tweezer tool, staple remover tool, garden tool, scraper, putty knife, tool holder, jack tool, sanding block
08-06 door handle, doorknob, door knob, knob, hinge, drawer handle, pull, drawer pull, lever handle, cabinet knob, cabinet handle, door lever, faucet knob handle, door pull, handle grip, furniture knob, drawer knob, cabinet pull, door hinge, handlebar knob
08-07 lock, padlock, key, latch, door lock, combination lock, deadbolt, bicycle lock, unlock, bolt lock, number lock, door latch, key blank, lockset, lock cylinder, security lock, escutcheon, key plate, seal lock, cable lock, gate latch, steering lock
08-08 screw, nail, bolt, hexagon bolt, nut, washer, hook, bracket, hanging hook, rivet, clip, fastener, staple, wall mount, wall plug, anchor bolt, suction cup, thumbtack, shelf bracket, carabiner, cable tie, hose clamp, wall hook, mounting bracket, support bracket, suction hook, clamp fastener, pipe clip, wall anchor, coat hook, mounting plate, threaded fastener, spring clip, cable clip, dowel, plant hook, strap clip, rail clamp, hanging bracket, pipe hanger, cup hook, flag holder, mounting device, hose holder, eyelet, turnbuckle, u-bolt, pipe clamp, wing nut, hex nut
08-09 door closer, door stop, doorstop, caster, castor, furniture caster, window fitting, door bell plate, door knocker, mail slot, peephole, hose reel, furniture glide, chain, spring, welding rod, coil spring, cable, wire rope, metal fitting, door plate, kick plate
08-11 curtain rod, curtain hook, curtain rail, finial, curtain ring
09-01 bottle, wine bottle, beer bottle, water bottle, flask, jar, flacon, vial, spray bottle, perfume bottle, soap dispenser, medicine bottle, milk bottle, baby bottle, gas cylinder, aerosol, spray can, demijohn, dispenser bottle, pump bottle, pump dispenser, beverage bottle, bottle with cap, cosmetic jar, cosmetics pot, hip flask, perfume, ketchup, soda bottle, squeeze bottle, feeding bottle, dispensing bottle, spray dispenser, liquid dispenser, lotion bottle, nursing bottle, tank bottle, dispenser, amphora, sports bottle, ampoule, propane tank, carboy, old jar, drink bottle, pill bottle, oxygen tank
09-02 barrel, drum, keg, cask, jerry can, jerrycan, oil drum, gas can, fuel can, milk can, tank, storage tank, fuel canister
09-03 box, carton, container, package, packaging, can, tin can, soda can, cardboard box, gift box, gift, present, crate box, egg carton, tray container, blister pack, packaging box, storage box, tin, shipping container, milk carton, parcel, packet, beverage can, treasure chest, jewelry box, match box, food tray, package tray, juice box, display box, tissue box, drink can, ammo box, storage container, pizza box, egg tray, packing box, cereal box, open cardboard box, clamshell, cup lid container, casket, foldable box, box with lid, tool box, toolbox, tool chest, tissue dispenser, cd case, cosmetics box, treasure, archive, inbox, box sleeve, bulk container, packaging container, bin container
09-04 crate, hamper, wicker basket, milk crate, bread basket, plastic crate
09-05 paper bag, plastic bag, sachet, tube, toothpaste, toothpaste tube, sack, garbage bag, tea bag, money bag, gift bag, trash bag, food pouch, plastic pouch, packaging bag, capsule container, stand-up pouch, squeeze tube, packaging tube, grocery bag, coffee capsule, capsule
09-06 rope, twine, string, strap, cable roll, rope coil
09-07 bottle cap, cap closure, lid, cork, stopper, closure, bottle stopper, bottle closure, crown cap, container lid, bottle lid, container closure, cup lid, spout, wine stopper, dispensing closure, container cap, pourer, seal closure, push-pull cap
09-08 pallet, skid
09-09 trash can, trashcan, garbage can, dustbin, waste bin, bin, recycling bin, recycle bin, litter bin, rubbish bin, trash, trash bin, garbage, wastebasket, waste container, waste receptacle, ashcan, trash receptacle, refuse container, pedal bin, dumpster
09-10 carrying handle, bag handle, bottle carrier
10-01 clock, alarm clock, wall clock, grandfather clock, cuckoo clock, alarm, desk clock, table clock, mantel clock, digital clock, time
10-02 watch, wristwatch, wrist watch, smartwatch, smart watch, pocket watch, watch band watch
10-03 timer, stopwatch, hourglass, sundial, egg timer, kitchen timer, sandglass, metronome timer, stop watch, sand timer
10-04 scale, thermometer, ruler, tape measure, compass, weighing scale, balance, gauge, speedometer, barometer, caliper, measuring tape, bathroom scale, kitchen scale, electronic scale, micrometer, level, spirit level, hygrometer, altimeter, pedometer, protractor ruler, measuring instrument, tachometer, voltmeter, multimeter, dial gauge, measuring device, meter, weather vane, weather station, water meter, range finder, plumb bob, sextant, oscilloscope, laser level, stadiometer, scales, set square, geiger counter, temperature sensor, odometer, fuel gauge, electric meter, weathervane, blood glucose meter, pressure gauge, sonar, radar
10-05 smoke detector, sensor, detector, cctv, surveillance camera, security camera, metal detector, intercom monitor, thermostat, motion detector, motion sensor, security gate, parking meter, fingerprint reader, alarm sensor, gas detector, fire alarm box, security system, test apparatus, tester, detector housing, cctv camera, carbon monoxide detector, thermostat control, vehicle sensor
10-06 traffic light, siren, bell, doorbell, alarm bell, traffic cone, signal light, whistle, beacon, cone, lighthouse beacon, traffic signal, buoy, flag signal, hand bell, fire alarm, horn signal, megaphone, warning light, bike bell, bicycle bell, cow bell, cowbell, road cone, railway signal, warning triangle, door chime
10-07 watch strap, watch band, watchband, clock dial, watch case, watch face, watch dial, clock face, watch bracelet, clock hand, watch box
11-01 ring, necklace, earring, bracelet, brooch, jewel, jewelry, jewellery, pendant, tiara, crown, wedding ring, diamond ring, pearl, cufflink, cuff link, diamond, gem, gemstone, bangle, engagement ring, body jewelry, anklet, amulet, locket, charm, jewelry setting, rosary, necklace pendant, bead, tie clip, tie pin, body piercing
11-02 vase, flower pot, flowerpot, planter, figurine, statue, statuette, ornament, sculpture, urn, flower box, plant box, snow globe, trophy cup, garden gnome, plant pot, flower vase, pot plant, bust, dream catcher, dreamcatcher, mobile ornament, trophy, wind chime, ceramic figurine, picture plaque, plaque, potted plant, garden ornament, windmill ornament, fountain ornament, doll figurine, wall plaque, christmas figurine, egg ornament, stained glass, plant stand, hanging planter, totem, mantel ornament, decorative plate, crystal ball, wall decoration, flower holder
11-03 medal, badge, award, coin, medallion, rosette, sheriff badge, coin purse medal, lapel pin, pin badge
11-04 artificial flower, artificial plant, bouquet, silk flower, artificial tree, flower arrangement, wreath flower
11-05 christmas tree, balloon, wreath, christmas ornament, garland, flag, pennant, christmas ball, holiday decoration, christmas stocking, banner, confetti, party decoration, jack o lantern, jack-o-lantern, pinata, christmas tree ornament, easter egg, banner flag, christmas tree stand, bauble, party popper, christmas wreath, menorah decoration
12-01 carriage, horse carriage, chariot, sleigh, horse-drawn carriage, covered wagon
12-02 wheelbarrow, handcart, hand truck, shopping cart, trolley, cart, shopping trolley, hand cart, luggage cart, pushcart, dolly, utility cart, golf cart bag carrier, serving cart, service cart, tool cart, luggage trolley, platform truck, pallet jack, garden cart, wagon, sack truck
12-03 train, locomotive, tram, railway, subway, rail car, railcar, steam locomotive, metro, trolley car, cable railway, streetcar, wagon train, freight car, bullet train, train front, monorail, high-speed train
12-04 chair lift, ski lift, cable car, gondola, aerial tramway
12-05 crane, hoist, elevator, escalator, forklift, fork lift, lift, tower crane, conveyor, car lift, winch, vehicle lift, stair lift, conveyor belt, jack, lift truck, car jack, forklift truck, stairlift, aerial lift, lifting device
12-06 boat, ship, sailboat, sailing boat, yacht, canoe, kayak, rowboat, submarine, ferry, raft, cruise ship, barge, catamaran, tugboat, motorboat, speedboat, hovercraft, gondola boat, warship, galleon, viking ship, sail boat, ocean liner, tanker ship, anchor, container ship, boat hull, motor boat, rowing boat, aircraft carrier, jet ski, watercraft, personal watercraft, pontoon, paddle, oar, aircraft-carrier, sail, boat hatch, cargo ship
12-07 airplane, aeroplane, plane flying, aircraft, helicopter, drone, rocket, spaceship, space shuttle, satellite, hot air balloon, glider, jet, biplane, blimp, airship, spacecraft, ufo, parachute, jet plane, fighter jet, jumbo jet, airliner, hang glider, seaplane, quadcopter, zeppelin, hot-air balloon, propeller, fighter plane, lunar lander, spaceplane, flying saucer, space capsule, unmanned aerial vehicle, plane takeoff
12-08 car, automobile, bus, truck, lorry, van, sedan, suv, pickup, pickup truck, taxi, jeep, minivan, limousine, sports car, school bus, coach, race car, racing car, motor car, minibus, convertible, hatchback, city bus, beetle car, delivery truck, camper van, electric car, cab, passenger car, vehicle, motor vehicle, station wagon, double decker bus, smart car, dump truck, hot rod, tow truck, semi truck, tank truck, articulated lorry, tanker truck, trolley bus, trolleybus, toy car body, vehicle body, smart vehicle, automobile body, police car, roadster, microcar, off-road vehicle, shuttle bus, truck cab, car side
12-09 tractor, farm tractor
12-10 trailer, caravan, camper, camping trailer, semi-trailer, travel trailer, boat trailer, mobile home
12-11 bicycle, bike, motorcycle, motorbike, scooter, moped, tricycle, unicycle, mountain bike, tandem, motor scooter, bicycle frame, vespa, kick scooter, electric scooter, bicycle saddle, road bike, trike, dirt bike, chopper, electric bicycle, cycle, e-bike, push scooter, bicycle fork, motor cycle
12-12 stroller, baby carriage, pram, wheelchair, perambulator, stretcher, wheel chair, pushchair, baby buggy, baby stroller, electric wheelchair, invalid chair, gurney, mobility scooter, walker frame
12-13 fire truck, fire engine, ambulance, garbage truck, ice cream truck, street sweeper, snow plow vehicle, concrete mixer truck, special-purpose vehicle, firetruck, snowplow, tank vehicle, cement truck, military tank, armored vehicle, refuse truck, zamboni
12-14 golf cart, snowmobile, go-kart, go kart, quad bike, all-terrain vehicle, atv, segway, kart, sled, hoverboard, sledge, toboggan, bobsleigh, hand sled, utility vehicle, lunar rover, buggy, self-balancing vehicle, golf car, sleigh ride
12-15 tire, tyre, tire tread, tyre tread, vehicle tire, snow chain, automobile tire, tread, pneumatic tire, tire for automobile, inner tube
12-16 wheel, wheel rim, vehicle wheel, steering wheel, bumper, car door, windshield wiper, wiper blade, rear view mirror, side mirror, hubcap, wheel cover, license plate, license plate frame, roof rack, spoiler, fender, exhaust pipe, grille, radiator grille, vehicle grille, bicycle pedal, bicycle handlebar, headrest, vehicle bumper, front bumper, rear bumper, cup holder for vehicle, vehicle mirror, ship wheel, ship's wheel, helm, muffler, gear shift, gearshift, dashboard, instrument panel, trailer hitch, bicycle wheel, alloy wheel, mud flap, tailgate, air filter cover, seat belt, car bonnet, motorcycle windshield, running board, truck bed, tonneau cover, automobile grill, hood scoop, bicycle seat, wing mirror, hub cap, rim, vehicle door, engine cover, automotive wheel, car wheel, car seat cover, steering column, bike rack, gear lever, rear bumper cover, quarter panel, bicycle chain, tow hook, vehicle wheel front face
12-17 rail track, railroad track, rail crossing, buffer stop, rails
13-01 electric motor, generator, motor, wind turbine, alternator, dynamo, turbine generator, electrical generator, power generator, windmill turbine
13-02 battery, charger, transformer, power adapter, battery pack, battery charger, car battery, power supply, adapter, inverter, accumulator, power bank, wireless charger, charging station, ac adapter, power pack, battery cell, phone charger, power converter, electric vehicle charger, rechargeable battery, ev station, solar charger, battery module, ups
13-03 socket, plug, outlet, power outlet, switch, light switch, wall switch, electrical plug, power plug, connector, power strip, extension cord, fuse, circuit breaker, electrical connector, electrical outlet, dimmer switch, dimmer, circuit board, cable connector, usb plug, cable, wire, electric cable, toggle, electric switch, wall plate, resistor, capacitor, transistor, integrated circuit, chip, microchip, led diode, diode, junction box, electrical socket, relay, push button switch, control panel, electric plug, power cord, usb cable, hdmi, wall socket, antenna plug, processor, cpu, wire connector, semiconductor, semiconductor element, wall plate switch, power switch, fuse box, switch plate, electrical box, electrical adapter, printed circuit board, coaxial connector, ethernet port, insulator, terminal block, electric meter box, terminal, microprocessor, jack plug, switch cover, rotary switch, cable box, breaker, reel of cable, cord reel, outlet cover, electrical connector housing, power button, switch panel, memory chip
13-04 solar panel, solar cell, photovoltaic panel, solar collector, solar module
14-01 speaker, loudspeaker, headphone, headphones, earphone, earphones, earbud, earbuds, microphone, radio, stereo, television, tv, record player, turntable, tape recorder, mp3 player, music player, camcorder, cd player, dvd player, amplifier, boombox, boom box, television set, headset, tape player, jukebox, gramophone, phonograph, video recorder, cassette player, home theater, hi-fi, hifi, walkman, ipod, soundbar, sound bar, video camera, video player, tv set, vcr, television receiver, display monitor tv, audio player, portable media player, ear phone, earpiece, digital audio player, disc player, mixing desk, mixer console, portable radio, clock radio, media player, tv screen, webcam mic, audio amplifier, subwoofer, receiver, flat tv, karaoke machine, speaker box, music box player, hearing headset, video recording device, audio device, optical disc player, audio speaker, speaker system, video intercom
14-02 computer, laptop, monitor, keyboard, mouse, computer mouse, tablet, tablet computer, server, notebook computer, desktop computer, pc, computer monitor, printer computer, scanner, webcam, joystick, barcode scanner, memory card reader, hard drive, computer keyboard, workstation, display panel, display screen, screen, computer case, computer screen, touchscreen, touch screen, trackball, game controller console, network switch, imac, ibook, macbook, digital assistant, personal digital assistant, pda, image scanner, card reader, e-reader, e-book reader, ebook reader, portable computer, handheld computer, computer tower, desktop, hard disk, external drive, graphics tablet, graphic card, graphics card, computer housing, mainframe, computer terminal, pen tablet, laptop computer, calculator computer, data terminal, lcd monitor, numeric keypad, keypad, data storage apparatus, usb hub, motherboard, flatbed scanner, optical mouse, vr headset, virtual reality headset, smart display, display device, point of sale terminal, cash machine computer, numpad, barcode reader, supercomputer, information terminal, liquid crystal display
14-03 phone, telephone, smartphone, mobile phone, cell phone, cellphone, cellular phone, remote control, remote, antenna, walkie talkie, fax, fax machine, router, modem, satellite dish, handset, intercom, pager, radio tower, wireless router, rotary phone, wireless phone, mobile telephone, telephone handset, payphone, switchboard, iphone, two-way radio, transmitter, portable phone, dish antenna, remote controller, access point, satellite receiver, bluetooth headset, set top box, set-top box, telegraph, entry speech unit, transceiver, cordless phone, tv remote, communication terminal, mobile communication terminal, wireless device, telephone set, wifi router, gps navigator, gps device, gps, navigation device, telephone receiver, radio antenna, phone call, radio transmitter, video phone, base station, network router, repeater
14-04 icon, graphical user interface, display screen with icon, user interface, screen display, computer icon
14-05 floppy disk, floppy, cd, dvd, compact disc, usb stick, usb drive, flash drive, memory card, cassette, cassette tape, audio cassette, sd card, vhs, diskette, vinyl record, record, sim card, film reel, usb flash drive, usb key, memory stick, usb memory, smart card, data cartridge, optical disc, video cassette, video tape, videotape, thumb drive, cartridge, data storage device, floppy disc, save
14-06 phone stand, tablet stand, phone holder, monitor stand, laptop stand, speaker stand, tv bracket, mobile phone holder, tv mount, monitor arm, docking station, phone mount, dock, mp3 base, mp3 station, cradle for phone
15-01 engine, piston, car engine, spark plug, combustion engine, carburetor, crankshaft, turbocharger, internal combustion engine, engine block, jet engine, outboard motor, outboard engine, fuel filter, oil filter, air filter, cylinder head, fuel injector, ignition coil
15-02 pump, compressor, water pump, bicycle pump, air compressor, gas pump, fuel pump, fuel dispenser, hand pump, petrol pump, air pump, tire pump, bike pump, vacuum pump, tyre inflator, centrifugal pump
15-03 lawn mower, lawnmower, mower, combine harvester, harvester, plow, plough, leaf blower, sprinkler machine, chipper, grass trimmer, string trimmer, tiller, milking machine, agricultural machine, combine, brush cutter, cultivator, seeder, lawn trimmer, snow thrower, snow blower, blower, wood chipper
15-04 excavator, bulldozer, backhoe, road roller, concrete mixer, cement mixer, steamroller, digger, loader, jack hammer machine, front loader, wheel loader, oil rig, drilling rig, oil derrick, oil well, steam shovel, skid steer loader, construction machine, pile driver, grader, mini excavator, oil pump jack, power shovel
15-05 washing machine, vacuum cleaner, dishwasher, clothes dryer, dryer machine, pressure washer, vacuum, hoover, washer, dryer, tumble dryer, robot vacuum, clothes washing machine, hand vacuum, laundry machine, floor cleaner, steam cleaner, carpet cleaner, car wash, floor polisher, wet dry vacuum, parts washer, carpet cleaning machine, robotic vacuum, cleaning robot, vacuum cleaner body
15-06 sewing machine, loom, spinning wheel, knitting machine, embroidery machine, spool, sewing machine bobbin, thread spool
15-07 refrigerator, fridge, freezer, ice machine, chest freezer, ice maker, refrigerated case, cold store, ice cream machine freezer, chiller
15-09 lathe, grinder, milling machine, angle grinder, sander, drill press, bench grinder, router tool, welding machine, 3d printer, table saw, lathe machine, belt sander, mitre saw, robot arm, bench saw, machine tool, welder, band saw, robotic arm, industrial robot, tool chuck, polishing machine, drilling machine, cnc machine, chop saw, orbital sander, welding torch, mold, machining center, grinding wheel, sanding disc, air impact tool, power tool
15-10 packaging machine, filling machine, labelling machine, heat sealer
15-99 machine, robot, gear, gear wheel, cogwheel, cog, gearbox, bearing, ball bearing, paint sprayer, mixer machine, industrial machine, spray gun, centrifuge, separator machine, valve actuator
16-01 camera, photo camera, digital camera, film camera, movie camera, reflex camera, polaroid, video camera film, webcam camera, cine camera, snapshot camera, instant camera, disposable camera, camera body, photographic camera, slr camera, action camera
16-02 projector, slide projector, video projector, film projector, overhead projector, stereoscope, view master, slide viewer, movie projector, hologram viewer
16-03 photocopier, copier, copying machine, copy machine
16-04 photo developing tank, darkroom enlarger
16-05 tripod, camera tripod, selfie stick, camera lens, lens, camera flash, camera strap, lens cap, camera mount, filter lens, photo flash, flash, camera accessory, light meter, camera bag strap, lens hood, aperture, film roll, photographic film, film
16-06 glasses, eyeglasses, sunglasses, spectacles, goggles, binoculars, telescope, microscope, magnifying glass, magnifier, monocle, kaleidoscope, contact lens, eyeglass, safety goggles, eyewear, swim goggles, periscope, 3d glasses, loupe, eyeglass frame, prism, eyeglasses frame, spectacle, spectacle frame, ski goggles, goggle, safety glasses, sunglass, reading glasses, eyeglass temple, rifle scope, scope, spyglass, search, eyeglass component, lorgnette
17-01 piano, grand piano, organ, accordion, synthesizer, harmonium, upright piano, piano keyboard, harpsichord, pipe organ, keyboard instrument, electronic keyboard, concertina, electronic piano, music keyboard
17-02 trumpet, flute, saxophone, clarinet, trombone, tuba, recorder, harmonica, bagpipe, horn, french horn, bugle, oboe, bassoon, ocarina, panpipe, didgeridoo, mouthpiece instrument, pan flute, cornet, bag pipes, kazoo, vuvuzela, sax, ram horn, euphonium
17-03 guitar, violin, cello, harp, banjo, ukulele, bass guitar, electric guitar, mandolin, lute, viola, double bass, acoustic guitar, lyre, sitar, guitar body, balalaika, fiddle, zither, guitar pick, dulcimer, stringed instrument, guitar strap, guitar head, contrabass, violin bow
17-04 tambourine, xylophone, cymbal, maraca, maracas, snare drum, drum kit, drums, drum set, bongo, bass drum, castanet, gong, percussion, triangle instrument, djembe, drumstick instrument, marimba, conga, timpani, bongo drum, drum pedal, tom drum, percussion instrument, drum head, tabla, glockenspiel, vibraphone, cajon
17-05 music box, player piano, musical box
17-99 music stand, metronome, musical instrument, tuning fork, sheet music stand
18-01 typewriter, calculator, cash register, adding machine, pocket calculator, abacus machine, register, desk calculator, electronic calculator
18-02 printer, printing press, inkjet printer, laser printer, printing machine, label printer, multifunction printer, printer cartridge, toner cartridge, ink cartridge, photo printer, printing apparatus, ink tank, plotter, printer ribbon
18-03 letter type, typeface, font, type font, letter, alphabet, alphanumeric, type
18-04 paper trimmer, guillotine, binding machine, laminator, paper shredder, shredder, bookbinding machine, bookbinder
19-01 envelope, postcard, greeting card, card, paper, writing paper, letter paper, business card, index card, sticky note, mail, post-it, invitation, stationery, sheet of paper, playing paper, notepaper, stamp, postage stamp, label, ticket, document, gift card, gift certificate, credit card, bank card, identity card, id card, form, note paper, check, cheque, receipt, passport, file document, page
19-02 stapler, paper clip, paperclip, tape dispenser, pencil sharpener, hole punch, letter tray, binder, folder, file folder, clipboard, rubber stamp, desk organizer, pen holder, pencil holder, push pin, pushpin, letter opener, bulldog clip, binder clip, staple remover, whiteboard, desk set, ring binder, pencil case, penbox, pencil box, letters tray, drawing pin, tack, document holder, in tray, bookmark holder, briefcase folder, book end, bookend, office equipment, pen stand, pencil cup, paperweight, magnet, file, correction tape, desk tray, adhesive tape dispenser, card index, file cabinet box, ink pad, stamp pad, sticky tape, adhesive tape, scotch tape, bulletin board, cork board
19-03 calendar, planner, agenda, desk calendar, diary calendar, schedule
19-04 book, notebook, album, diary, dictionary, magazine, newspaper, comic book, photo album, notepad, encyclopedia, bible, journal, address book, open book, telephone book, textbook, sketchbook, library, bookmark, scrapbook, brochure, ledger, exercise book, magazine cover, phone book, folder book, books, guidebook, contacts book
19-06 pen, pencil, ballpoint pen, fountain pen, marker, crayon, eraser, chalk, easel, highlighter, quill, ink bottle, palette, felt-tip pen, pencils, paint, paint palette, drawing compass, inkwell, writing instrument, mechanical pencil, rubber eraser, stencil, marker pen, protractor, drawing board, canvas, feather pen, writing implement, text marker, paint tube, colour palette, nib, set square triangle, paint can, brush pen, artist palette, ballpoint, stylus, paint bucket, color palette, coloring pencil, drawing compasses, t-square
19-07 globe, blackboard, chalkboard, abacus, teaching aid, white board, school slate, educational toy, anatomical model, globus, world globe, terrestrial globe, teaching device, map
19-08 poster, leaflet, sticker, chart, sheet music, bank note, banknote, dollar bill, money, cash, bookplate, price list, certificate, diploma, sign paper, photograph, photo, picture, playing card back, tag, price tag, hang tag, name tag, luggage tag, bumper sticker, decal, scroll, printed label, flyer, pamphlet, blueprint
20-01 vending machine, ticket machine, atm, slot dispenser, automated teller machine, gumball machine, kiosk machine, automatic teller machine, ticket dispenser, vending apparatus, cash dispenser, coin dispenser
20-02 display stand, mannequin, display case, showcase, display rack, shop counter, merchandise display, display shelf, store display, display unit, merchandiser, market stall, clothes dummy, sales counter, sales display, product display, point of purchase display, display hook, display holder, display cabinet, display fixture, dress form, retail display, display tray, merchandise rack, cash desk, kiosk
20-03 sign, signboard, road sign, stop sign, billboard, traffic sign, sandwich board, exit sign, neon sign, street sign, signpost, sign post, warning sign, advertising board, scoreboard, emergency sign, parking sign, advertising sign, nameplate, sign holder, wet floor sign, shop sign, name plate, direction sign, letter sign, sign stand, arrow sign, barber pole, display board, advertising balloon, advertising display, house number, weather vane sign, house sign, window sign, milestone
21-01 toy, doll, teddy bear, dice, die, chess, chess piece, chess pawn, chessboard, chess board, playing cards, playing card, card game, puzzle, jigsaw puzzle, puzzle piece, rubik's cube, rubik cube, kite, toy car, toy train, toy truck, toy block, building block, board game, game, yo-yo, yoyo, spinning top, rocking horse, domino, doll house, dollhouse, game controller, game console, video game console, gamepad, playstation, nintendo, video game, xbox, gameboy, game boy, toy robot, puppet, rattle, jack in the box, lego, lego brick, slot machine, pinball, arcade game, pinball machine, flipper, football table, table football, foosball, game board, marbles, marble, pawn, pegboard, toy figure, action figure, toy vehicle, soft toy, plush toy, stuffed toy, stuffed animal, toy gun, frisbee, hula hoop, model airplane, dreidel, roulette, roulette wheel, casino chip, poker chip, dart game, poker, chess knight, chess rook, chess king, chess queen, chess bishop, wood toy, toy airplane, toy plane, toy boat, pull toy, water gun, water pistol, bubble blower, play set, playset, baby toy, toy building, bingo, checkers, marionette, toy construction element, ouija board, spades, playing piece, gaming machine, arcade machine, game machine, board game piece, game table, dart, dart board, dartboard, fidget spinner, toy animal, toy soldier, toy rocket, cue ball puzzle, snakes and ladders, toy house, tangram, shape sorter, construction toy, toy brick, gaming table, billiard game, cuddly toy, music toy, toy bear
21-02 ball, soccer ball, football, basketball, baseball, tennis ball, volleyball, rugby ball, golf ball, bowling ball, bowling pin, tennis racket, tennis racquet, racket, racquet, badminton, shuttlecock, baseball bat, baseball glove, hockey stick, hockey puck, puck, ski, skis, snowboard, skateboard, surfboard, roller skate, ice skate, skate, inline skate, dumbbell, barbell, kettlebell, treadmill, punching bag, punching ball, boxing glove, golf club, golf tee, golf, cricket bat, cricket, table tennis, ping pong, ping pong paddle, ping-pong paddle, table tennis bat, trampoline, weight bench, exercise bike, indoor bike, exercise machine, jump rope, skipping rope, javelin, discus, pool table, billiard table, billiard ball, billiard, billiards, pool cue, snooker, pool ball, goal, football goal, soccer goal, basketball hoop, basketball net, hoop, archery bow, snorkel, swim fin, fin, diving mask, scuba tank, scuba, fencing foil, lacrosse stick, medicine ball, exercise ball, gym equipment, rowing machine, elliptical, abdominal bench, fitness tower, fitness equipment, exercise device, exercise apparatus, golf club head, golf putter, putter, putter head, golf driver, iron head, iron golf club, wood golf club, wood type club head, football helmet, catcher mask, shin guard, knee pad, elbow pad, ski pole, surf board, american football, bowling, diving board, starting block, ski boot binding, gymnastic ring, pommel horse, racing skate, sports net, tennis, running machine, exercise bench, stepper, yoga mat, climbing hold, ice axe, dumbell, weight plate, golf club shaft, roller blade, rollerblade, bodyboard, wakeboard, water ski, sports ball, hurdle, bat, boomerang, golf cleat
21-03 swing, slide, seesaw, carousel, ferris wheel, merry-go-round, playground, sandpit, sandbox, swing set, merry go round, roller coaster, playground slide, child swing, circus tent ride, amusement ride, bounce house, children game, playhouse, child hut, sand box, fairground ride, amusement park ride, jungle gym, carnival mask, mask, party mask, halloween mask, magic wand, magic hat, swimming pool toy, party hat, inflatable, birthday candle hat, ball pit, playground equipment, climbing frame
21-04 tent, camping tent, circus tent, teepee, tipi, yurt tent, canopy tent, awning tent, pavilion tent, gazebo tent, marquee, wigwam, shelter tent
22-01 gun, pistol, rifle, revolver, shotgun, crossbow, bow and arrow, handgun, machine gun, cannon, slingshot, paintball gun, airgun, catapult, musket, bow, blaster, stun gun, pistol grip, firearm, gun stock, taser, submachine gun, carbine, mortar gun, paintball marker, archery, blowgun, weapon, rocket launcher
22-02 sword, dagger, shield, spear, club weapon, nunchaku, saber, katana, bayonet, brass knuckles, throwing star, mace, lance, baton, crossed swords, halberd, scimitar, trident, pepper spray, rapier, flail, shuriken, nightstick
22-03 bullet, grenade, bomb, missile, firework, dynamite, cartridge ammunition, torpedo, firecracker, ammunition, shell ammunition, fireworks, sparkler, hand grenade, mine bomb, shotgun shell, landmine, arrow head, arrowhead
22-04 target, shooting target, archery target, clay pigeon, bullseye, bow target
22-05 fishing rod, fishing reel, fish hook, fishing hook, fishing lure, lure, fishing net, duck decoy, decoy, fishing bait, fishing rod holder, fishing pole, bait, hunting blind, game call, fishing float, landing net, fishing, creel, tree stand, fishing tackle, crab trap net, fishing sinker, butterfly net
22-06 mousetrap, mouse trap, fly swatter, insect trap, bug zapper, rat trap, mosquito net trap, insect repeller, insect killer, animal trap, flytrap, mosquito coil, fly trap, insect repellent device, rodent trap, bait station, trap, pest repeller
23-01 faucet, tap, water tap, valve, pipe, hose, fire hose, garden hose, nozzle, pipe fitting, watering can, sprinkler, hydrant, fire hydrant, water filter, mixer tap, basin mixer, shut-off valve, hose nozzle, hose connector, garden faucet, ball valve, lawn sprinkler, sprayer, filter, water purifier, water softener, pipe coupling, drinking fountain, fountain, hose coupling, spigot, spout faucet, drain, drain cover, faucet handle, irrigation emitter, kitchen faucet, tap handle, gate valve, hose reel cart, pressure regulator, pipe elbow, sink faucet, lavatory faucet, sprinkler head, water dispenser, water cooler, garden sprayer, manifold, plumbing fixture, water well, well, water tower, filter cartridge, pipe connector, tube fitting, pressure washer nozzle, storm drain, water pipe, hose bib, flow meter valve, water fountain, fluid connector, tub spout, water filtration device, flush valve
23-03 radiator, heater, boiler, fireplace, water heater, furnace, chimney, electric heater, towel radiator, wood stove, space heater, heating, fan heater, patio heater, wood burning stove, hearth, pellet stove, oil heater, heat exchanger, fireplace insert, gas heater, fireplace mantel, heating element, heat pump, round chimney, electric fireplace, infrared heater, campfire, electric water heater, portable heater, stove heater, fire pit
23-04 fan, ceiling fan, air conditioner, electric fan, vent, ventilator, range hood, hood cooker, humidifier, dehumidifier, air purifier, table fan, cooker hood, exhaust fan, air conditioning, air vent, air diffuser, extractor hood, pedestal fan, ventilation grille, desk fan, rigged fan, internal unit, external unit, air conditioning unit, tower fan, ventilation fan, box fan, air outlet, fan blade, window fan, air cleaner, air register, roof vent, air filter unit, fan guard, vent cover, air cooler, air freshener vent
23-05 charcoal, coal, firewood, log, wood log, briquette, wood logs
23-06 bathtub, bath, washbasin, wash basin, sink, shower, basin, lavatory, jacuzzi, shower head, showerhead, shower stall, shower cabin, shower tray, hot tub, whirlpool, hand shower, bath tub, kitchen sink, shower door, shower panel, spa, sauna, shower enclosure, shower stall base, sink basin, foot bath, bathroom sink, handheld shower, vessel sink, pedestal sink, lavatory basin, double vanity, shower base, corner bathtub, sitz bath, pedestal lavatory
23-07 toilet, urinal, bidet, toilet seat, potty, toilets unit, toilet bowl, toilet tank, toilet lid, toilet cover, commode, outhouse toilet, bedpan, portable toilet, toilet chair, flush plate, toilet flush, water closet
23-08 toilet paper holder, toilet paper dispenser, towel rack, towel rail, soap dish, towel bar, towel ring, soap holder, grab bar, toilet roll holder, hand dryer, towel holder, paper towel dispenser, toilet tissue holder, shower caddy, towel dispenser, toothbrush stand, shower rod, bathroom shelf, tissue holder, shower curtain rod, toilet paper, toilet roll, hand soap dispenser, robe hook, toilet brush holder
24-01 dental chair, hospital bed, mri scanner, x-ray machine, x-ray, ultrasound machine, operating table, incubator, medical monitor, centrifuge laboratory, examination table, dentist chair, dialysis machine, patient monitor, ct scanner, electrocardiograph, defibrillator, medical imaging apparatus, laboratory apparatus, medical cart, patient bed, massage table, treatment table, heart monitor, autoclave, medical bed, hospital, infusion pump, oxygen concentrator, ultrasound scanner
24-02 syringe, stethoscope, scalpel, test tube, beaker, flask laboratory, tweezers, forceps, thermometer medical, inhaler, catheter, petri dish, pipette, surgical instrument, erlenmeyer flask, laboratory flask, bunsen burner, scissors surgical, otoscope, blood pressure monitor, sphygmomanometer, needle, hypodermic needle, dropper, eye dropper, eyedropper, endoscope, medical instrument, retort, conical flask, dental instrument, dental mirror, nebulizer, breast pump, medical device, respirator nasal, oxygen mask, face shield medical, iv bag, drip, lancet, lancing device, medical thermometer, test strip, laryngoscope, round bottom flask, test tube rack, cuvette, trocar, clinical thermometer, vaccine syringe, reagent bottle, intubation tube, hemostat, laboratory bottle, flasks, nasal mask, injection device, insulin pen, medical syringe, graduated cylinder, specimen container, dental tool, medical connector, tongue depressor, surgical stapler, infusion set, laboratory ware, speculum, blood collection tube, first aid kit, stethescope, surgical clamp, microscope slide, cannula, drug delivery device, test tubes, sampler
24-03 prosthesis, artificial leg, hearing aid, denture, dentures, artificial limb, dental implant, prosthetic leg, prosthetic hand, artificial tooth, implant, orthopedic implant, knee implant, false teeth, hip implant, heart valve, intraocular lens, artificial eye, hip prosthesis, prosthetic, orthodontic bracket, teeth brace, pacemaker, stent, spinal implant
24-04 bandage, plaster, adhesive bandage, band-aid, band aid, surgical mask, face mask medical, knee brace, wrist brace, medical mask, sling, first aid, wound dressing, sanitary napkin, tampon, compress, orthosis, splint, face mask, ice pack, ankle brace, neck brace, cervical collar, back support, sanitary pad, menstrual cup, cotton swab, dressing, ear plug, earplug, support brace, absorbent article, gauze, plaster cast, cotton ball, condom, pacifier, teether, pad dressing, cold pack, hot water bottle, hot pack, heating pad, knee support, eye patch, nasal strip, massage, massager, massage device, vibrator
24-05 crutch, crutches, walker, walking frame, rollator, walking aid, mobility aid, walking cane
25-01 brick, tile, profile, beam, plank, paving stone, cinder block, roof tile, floor tile, building block brick, concrete block, paver, wood plank, lumber, roofing tile, wall panel, siding, girder, moulding, molding, flooring, decking, bricks, shingle, ceramic tile, i-beam, plywood, building panel, extrusion, retaining wall block, roof panel, floor board, cladding, building stone, wall tile, curb, kerb, rain gutter, gutter, rebar, drain tile, stone veneer, baseboard, skirting board, trim strip, extruded profile, concrete sidewalk, ceiling panel, ceiling tile, corner bead, floor panel, roof shingle, timber
25-02 door, window, gate, fence, railing, column, balustrade, shutter, garage door, french window, sliding door, pillar, arch, window shutter, window frame, handrail, banister, screen door, baluster, wall, revolving door, door frame, awning, trellis, stained glass window, picket fence, pergola, sliding window, arched window, porch column, hedge fence, guard rail, guardrail, security fence, skylight, parapet, barrier, turnstile, elevator door, exterior door, double door, iron railing, turn window, door panel, iron gate, entrance door, barn door, iron fence, crash barrier, window grille, fence post, roof window, louver, lattice, swimming pool, pool, fence panel, lych gate, door leaf, turn stile, bollard, cornice, fence picket, deck railing, casement window, bay window, wind break, privacy screen, traffic barrier, portcullis, corbel, doorway, brick wall, grave, tombstone, gravestone, headstone, glass door, french door, manhole cover, manhole, column base, cellar door, glass block, handrails, partition wall, grave stone, double window, curtain wall, drawbridge gate
25-03 house, building, barn, garage, shed, greenhouse, hut, cottage, church, castle, skyscraper, tower, lighthouse, factory, windmill, bridge, igloo, cabin, temple, mosque, pagoda, tent house, gazebo, kiosk building, school, shop, store, store front, storefront, bank, garden hut, mansion, villa, hotel, museum, silo, stadium, synagogue, palace, log cabin, apartment, apartment building, office building, house home, home, warehouse, bus stop, bus shelter, telephone booth, phone booth, tree house, treehouse, outhouse, pavilion, cathedral, farm house, farmhouse, chapel, pyramid, monument, carport, bandstand, water mill, watermill, eiffel tower, shelter, phone box, booth, toll booth, gas station, storage shed, townhouse, condominium, steeple, minaret, fort, garden shed, prefabricated house, tiny house, mobile house, container house, playhouse building, canopy, grain elevator, city hall, courthouse, government building, bungalow, lookout tower, observatory, power plant, nuclear power plant, dam, aqueduct, obelisk, theatre, theater, mausoleum, restaurant
25-04 ladder, stairs, staircase, step ladder, stepladder, scaffold, step stool, spiral staircase, scaffolding, stair, steps, step, stairway, rope ladder, extension ladder, ramp, folding step, access ramp, loading ramp, pool ladder, aluminum ladder, loft ladder
26-01 candlestick, candelabra, candelabrum, candle holder, candleholder, menorah, tea light holder, votive holder, candle lamp, candle lantern, candle stick, tealight holder, candle stand
26-02 flashlight, torch, lantern, hand lamp, headlamp, torchlight, camping lamp, camping lantern, hurricane lamp, oil lamp, oil lantern, kerosene lamp, lanterns, head torch, bike light, work light, penlight, hand torch, japanese lantern, stone lantern, emergency light, camping light, railroad lantern, gas lantern, genie lamp, aladdin lamp, magic lamp, headlight head
26-03 street lamp, street light, streetlight, lamppost, lamp post, streetlamp, spotlight stage, garden light, outdoor lamp, stage light, park light, bollard light, floodlight, flood light, outdoor light, landscape light, outdoor lighting, lamp pole, bulkhead light, stadium light, stage spotlight, disco ball, pathway light, solar light, security light, searchlight
26-04 light bulb, bulb, candle, lightbulb, fluorescent lamp, led, incandescent bulb, lamp bulb, neon tube, led lamp, led bulb, fluorescent tube, halogen lamp, halogen bulb, cfl, energy saving bulb, led strip, fluorescent light, fluorescent strip, electric bulb, flame, candles, tea light, tealight, torch flame, christmas lights, light tube, compact fluorescent lamp, idea, laser
26-05 lamp, table lamp, desk lamp, floor lamp, chandelier, chandelier lamp, pendant lamp, wall lamp, lampshade, ceiling lamp, spotlight, sconce, ceiling light, light, wall light, lava lamp, hanging lamp, track light, light fixture, luminaire, lighting fixture, downlight, bedside lamp, standing lamp, hanging light, pendant light, night light, nightlight, reading lamp, lamp shade, lighting, standard lamp, light shade, porch light, light fitting, wall sconce, recessed light, floor light, lighting apparatus, lava light, luminary, track lighting, stand lamp, wall spotlight, little lamp, piano lamp, light string, grow light, light reflector, reflector
26-06 headlight, vehicle headlight, tail light, taillight, fog light, car light, vehicle lamp, rear lamp, head lamp, brake light, turn signal, vehicle light, police light, light bar, bicycle light, side marker light, car headlight, rear light, motorcycle headlight, automobile headlight, tail lamp, automotive lamp, front headlight, rear combination lamp, vehicle taillight, blinker
26-07 lamp base, lamp part, lamp stand, lamp holder, light diffuser
27-01 cigarette, cigar, tobacco, cigars, cigarettes, joint, snuff
27-02 smoking pipe, tobacco pipe, hookah, cigarette holder, cigar holder, water pipe smoking, shisha, smoker's pipe, cigar cutter
27-03 ashtray, ash tray, hashtray
27-04 match, matches, matchbook, matchbox, matchstick
27-05 lighter, cigarette lighter, gas lighter, cigar lighter, utility lighter
27-06 cigarette case, cigar case, cigarette pack, tobacco pouch, cigarette box, humidor, cigarette package, tobacco jar, cigar box
27-07 electronic cigarette, e-cigarette, vaporizer, vape, vape pen, electronic cigarettes, atomizer, vaping device, vapourizer
28-01 pill, pills, medicine, medicine tablet, capsule pill, tablet pill, pharmaceutical tablet, medication, drug, pharmaceutical capsule, vitamin, aspirin, medicinal tablet, pharmaceutical product, suppository
28-02 soap, lipstick, lip stick, mascara, nail polish, perfume stick, makeup, make up, eye shadow, cosmetic, compact powder, powder compact, bar of soap, cosmetics, lip balm, bar soap, soap bar, sunscreen, shampoo, lotion, toilet soap, face cream, cream, cosmetic pencil, lip gloss, blush, deodorant, eyeliner, bath bomb, cosmetic compact, mascara applicator, cosmetic applicator, deodorant stick
28-03 comb, razor, hair dryer, hairdryer, nail clipper, nail clippers, shaver, electric shaver, hair clipper, hair trimmer, nail file, tweezers cosmetic, hair straightener, curling iron, hair curler, hair iron, powder puff, safety razor, eyelash curler, hand mirror, straight razor, blow dryer, cotton pad, epilator, hair roller, dental floss, manicure set, razor blade, razor handle, shaving razor, toilet kit, trimmer, beard trimmer, barber chair, tongue scraper, dental flosser, toothpick, bath sponge, loofah, cosmetic mirror, makeup mirror, pedicure, cosmetic sponge, tattoo machine, tanning bed, manicure, hair styling tool, face massager, electric razor, bath brush, sauna brush, cosmetic case tool, compact mirror, shower sponge, electric toothbrush, body brush, nail care tool, nail buffer, floss holder, hair styler
28-04 wig, toupee, false eyelash, false eyelashes, moustache, mustache, artificial nail, beard, hair extension, false beard, false nail, hairpiece, nail tip
28-05 air freshener, incense burner, incense, room fragrance, diffuser, aroma diffuser, scent dispenser, fragrance dispenser, air freshener dispenser, potpourri, deodorizer
29-01 fire extinguisher, extinguisher, fire hose cabinet, fire blanket, sprinkler fire, fire escape, fire bucket, fire sprinkler, fire axe box, fire hose reel
29-02 helmet, hard hat, safety helmet, life jacket, life vest, lifebuoy, life ring, gas mask, bicycle helmet, motorcycle helmet, life preserver, respirator, life saver, lifesaver, life belt, lifebelt, safety harness, safety vest, lifeboat, ear muff, earmuff, ear protector, safety mask, face shield, crash helmet, safety belt, bike helmet, construction helmet, baseball helmet, hockey helmet, dust mask, protective helmet, protective mask, hearing protector, bullet proof vest, body armor, knight helmet, firefighter helmet, viking helmet, astronaut helmet, spartan helmet, army helmet, soldier helmet, roman helmet, welding helmet, safety device, outlet cover safety, baby gate, safety gate, childproof latch, fall arrest, rescue device, sport helmet, safety net, ring buoy, protective garment, reflective vest, armor, armour, breathing mask, ski helmet, suit of armor
30-01 dog coat, dog sweater, pet clothing, animal clothing, horse blanket, pet garment, dog jacket, dog boot, pet costume, dog clothing
30-02 dog house, doghouse, kennel, cage, bird cage, birdcage, birdhouse, bird house, aquarium, fish tank, fish bowl, fishbowl, beehive, pet carrier, hamster cage, chicken coop, hen house, pet house, pet crate, dog crate, pet cage, nesting box, nest box, dog kennel, hive, stable, animal shelter, terrarium, rabbit hutch, pet kennel, cat house, animal carrier, bird nest box, pet enclosure
30-03 bird feeder, pet bowl, dog bowl, pet feeder, cat bowl, birdbath, bird bath, animal feeder, hummingbird feeder, trough, pet dish, feeding trough, pet fountain, pet waterer, animal waterer, waterer, dog feeder, fish feeder, watering trough, poultry feeder, cat feeder, pet food dish
30-04 saddle, horseshoe, dog collar, leash, bridle, pet collar, dog leash, harness, muzzle, horse bit, stirrup, cat collar, dog harness, pet leash, pet harness, horse saddle, halter, spur, rein, collar, animal collar, dog lead, horse shoe, girth, saddle pad, riding boot stirrup, horse harness, animal leash
30-05 whip, riding crop, bullwhip, cattle prod
30-06 pet bed, dog bed, cat bed, cat tree, bird nest, pet mat, cat tower, pet sofa, pet furniture, scratching furniture, dog cushion, animal bed, pet stairs, dog mat, cat furniture
30-07 bird perch, perch
30-08 ear tag, animal tag, branding iron, dog tag, pet tag, animal marker, livestock tag
30-09 hitching post
30-10 pet comb, pet brush, curry comb, grooming brush, dog brush, grooming tool, pet grooming brush, animal brush, horse brush, pet grooming tool, dog comb, pet bathing apparatus
30-11 litter box, cat litter box, pooper scooper, litter tray, cat toilet, pet waste bag, pet waste bag dispenser, pet toilet, litter scoop, cat litter, animal litter
30-12 dog toy, pet toy, cat toy, scratching post, hamster wheel, cat scratcher, pet training device, bird toy, exercise wheel, dog training collar, squeaky toy, ball launcher, animal toy, dog ball, cat scratching post, pet training pad
31-00 blender, mixer, food processor, juicer, coffee machine, coffee grinder, espresso machine, meat grinder, hand mixer, food mixer, bread maker, ice cream maker, stand mixer, meat slicer, hand blender, meat mincer, mincer, food slicer, coffee mill, juice extractor, citrus juicer, beverage machine, pasta machine, food grinder, beverage dispenser machine, immersion blender, electric mixer, bread machine, egg cooker machine, coffee dispenser, espresso kettle, ice crusher, soda maker, smoothie maker, electric juicer, beverage maker, ice cream machine, food preparation machine, milk frother, water carbonator, drink mixer, vegetable cutter machine
32-01 logo, emblem, coat of arms, surface pattern, ornamental pattern, heraldic shield, ornamentation, graphic symbol, monogram, crest
32-02 room layout, shop interior, interior, store interior
-- cover plate, face plate, faceplate, end cap, spray cap, golf swing, surface configuration, dust cap, lens cover, insert, adapter plate, mounting panel, tool rest, book mark, top view, side view, control unit, bubble machine, ice mold
""".strip()

# What follows these words says more about the thing, not what it is.
_TAIL = re.compile(
    r"\b(with|for|having|comprising|including|in|on|of|and|or|from|to|at|used|using|that|which|as|"
    r"by|under|over|holding|showing)\b|[,;:(/]"
)
# What stands before the thing itself: "set of knives", "portion of a shoe", "pair of skis".
_LEAD = re.compile(
    r"^(?:a |an |the )?(?:(?:matching |combined )?(?:set|pair|portions?|parts?|piece|group|bunch|"
    r"stack|pile|combination|kit|row|collection|box|variety|surface|design|configuration|front|top)"
    r" (?:of|for) (?:a |an |the )?)+"
)
# Words that move a thing to another class, the classes they do not move it from, and whereto.
_FIELDS: tuple[tuple[frozenset[str], re.Pattern[str], dict[str, str]], ...] = (
    (
        frozenset(("30", "01", "22")),
        re.compile(r"\b(pets?|dogs?|cats?|puppy|kitten|aquarium|equine|horses?|birds?)\b"),
        {"07": "30-03", "09": "30-03", "02": "30-01", "06": "30-06", "21": "30-12", "04": "30-10",
         "28": "30-10", "03": "30-04", "25": "30-02", "": "30-99"},
    ),
    (
        frozenset(("21",)),
        re.compile(r"\btoys?\b"),
        {"": "21-01"},
    ),
    (
        frozenset(("24", "28", "03")),
        re.compile(r"\b(surgical|medical|endoscopes?|orthopedic|dental|reflex hammer)\b"),
        {"06": "24-01", "14": "24-01", "": "24-02"},
    ),
    (
        frozenset(("12", "10", "03", "09", "14", "15", "28", "13", "29")),
        re.compile(r"\b(automobiles?|automotive|vehicles?|cars?|motorcycles?|pickup trucks?)\b"),
        {"26": "26-06", "21": "21-01", "06-01": "06-01", "": "12-16"},
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def lexicon() -> dict[str, str]:
    """Each noun or phrase, in the singular, with its subclass; "--" for those that have none.

    Where two lines have the same noun, the first wins.
    """
    found: dict[str, str] = {}
    for line in NOUNS.splitlines():
        code, _, nouns = line.partition(" ")
        for noun in nouns.split(","):
            found.setdefault(" ".join(singular(word) for word in noun.split()), code)
    return found


_NOT_PLURAL = (
    " glass dress brass compass press canvas class gas bus "
    "lens cross atlas harness mattress abacus chess darkness cutlass hourglass glasses scissors trousers binoculars "
)


def singular(word: str) -> str:
    """The singular of an English noun, by its ending; whatever it makes, it makes of both."""
    if f" {word} " in _NOT_PLURAL or len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("ves"):
        return word[:-3] + ("fe" if word in ("knives", "wives", "lives") else "f")
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def subclass(title: str, *, loose: int = 1) -> str:
    """The Locarno subclass of a thing called this, or "" where no known noun heads the name.

    Args:
        loose: unknown words that may follow the noun: "Chair 2" and "Sofa, modern" are a chair and
            a sofa with one; "bottle cap remover" is no bottle cap with none.
    """
    name = re.sub(r"[_\-]+", " ", title.lower()) if " " not in title.strip() else title.lower()
    name = _LEAD.sub("", " ".join(name.replace("’", "'").split()))
    head = _TAIL.split(name, maxsplit=1)[0]
    return _in_its_field(_last_noun(head, loose), name)


def _in_its_field(code: str, name: str) -> str:
    """The subclass by purpose: a dog's bowl is no tableware, and a surgical screwdriver no tool."""
    if not code:
        return ""
    for field, words, inside in _FIELDS:
        if words.search(name) and code[:2] not in field:
            return inside.get(code, inside.get(code[:2], inside[""]))
    return code


def subclass_of_words(title: str, keywords: Iterable[str]) -> tuple[str, str]:
    """The subclass and the name of a thing with a title and keywords; ("", "") if none is known.

    The title decides where it has a known noun; else the keywords do, if all that are known agree,
    and the first of them is the name.
    """
    code = subclass(title)
    if code:
        return code, title
    named = {word: code for word in keywords if (code := lexicon().get(_key(word), "--")) != "--"}
    if len(set(named.values())) != 1:
        return "", ""
    word, code = next(iter(named.items()))
    return code, word.strip().capitalize()


def _key(words: str) -> str:
    return " ".join(singular(word) for word in re.findall(r"[a-z0-9'\-]+", words.lower()))


def _last_noun(head: str, loose: int) -> str:
    """The phrase that ends last in the head of a name; of those, the longest."""
    words = _key(head).split()
    known = lexicon()
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - 4), end):
            phrase = " ".join(words[start:end])
            code = known.get(phrase) or known.get(phrase.replace("-", " "))
            if code == "--":
                return ""
            if code:
                # A known noun further from the end only says what the unknown head is for.
                return code if len(words) - end <= loose else ""
    return ""
