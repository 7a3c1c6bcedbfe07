"""Reviews: calls rated by scorecards, picked by rules, given to agents, calibrated, counted."""

from aiohttp import web

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.drafting import routes_of
from web.keys import MenuItem
from web.reviews import calibrations, lists, own, pick_rules, picks, reviews, scorecards, trends

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"

routes: list[web.RouteDef] = [
    web.get("/reviews", lists.home, name="review_homes.show"),
    web.get("/reviews/list", lists.index, name="reviews.index"),
    web.get("/reviews/picks", picks.index, name="picks.index"),
    web.post("/reviews/picks/looks", picks.look, name="pick_looks.create"),
    web.post(f"/reviews/picks/{KEY}/takings", picks.take, name="pick_takings.create"),
    web.post(f"/reviews/picks/{KEY}/returns", picks.give_back, name="pick_returns.create"),
    web.post(f"/reviews/picks/{KEY}/skips", picks.skip, name="pick_skips.create"),
    web.get("/reviews/rules", pick_rules.index, name="pick_rules.index"),
    web.post("/reviews/rules", pick_rules.create, name="pick_rules.create"),
    web.get(f"/reviews/rules/{KEY}", pick_rules.edit, name="pick_rules.edit"),
    web.post(f"/reviews/rules/{KEY}", pick_rules.update, name="pick_rules.update"),
    web.post(f"/reviews/rules/{KEY}/removals", pick_rules.remove, name="pick_rules.remove"),
    *routes_of(scorecards.PAGES, "/reviews/scorecards", KEY),
    web.post(f"/reviews/scorecards/{KEY}/gifts", scorecards.give, name="scorecard_gifts.update"),
    web.get("/reviews/calibrations", calibrations.index, name="calibrations.index"),
    web.get(f"/reviews/calibrations/{KEY}", calibrations.show, name="calibrations.show"),
    web.post(f"/reviews/calibrations/{KEY}/ends", calibrations.end, name="calibration_ends.create"),
    web.get(f"/calls/{KEY}/calibrations/new", calibrations.new, name="calibrations.new"),
    web.post(f"/calls/{KEY}/calibrations", calibrations.create, name="calibrations.create"),
    web.get("/reviews/trends", trends.index, name="trends.index"),
    web.get("/reviews/trends.csv", trends.export, name="trends.export"),
    web.get("/reviews/mine", own.index, name="own_reviews.index"),
    web.get(f"/reviews/mine/{KEY}", own.show, name="own_reviews.show"),
    web.post(f"/reviews/mine/{KEY}", own.update, name="own_reviews.update"),
    web.post(f"/reviews/mine/{KEY}/answers", own.answer, name="review_answers.create"),
    web.post(f"/reviews/mine/{KEY}/appeals", own.appeal, name="review_appeals.create"),
    web.post(f"/calls/{KEY}/own-reviews", own.create, name="own_reviews.create"),
    web.post(f"/calls/{KEY}/reviews", reviews.create, name="reviews.create"),
    web.get(f"/reviews/{KEY}", reviews.show, name="reviews.show"),
    web.post(f"/reviews/{KEY}", reviews.update, name="reviews.update"),
    web.post(f"/reviews/{KEY}/releases", reviews.release, name="review_releases.create"),
    web.post(f"/reviews/{KEY}/reopenings", reviews.reopen, name="review_reopenings.create"),
    web.post(f"/reviews/{KEY}/takeovers", reviews.take_over, name="review_takeovers.create"),
    web.post(f"/reviews/{KEY}/decisions", reviews.decide, name="review_decisions.create"),
    web.post(f"/reviews/{KEY}/tasks", reviews.coach, name="review_tasks.create"),
]
menu = [
    MenuItem(
        label=msgid("Reviews"),
        route="review_homes.show",
        permission=Permission.SEE_OWN_REVIEWS,
        icon="review",
        order=62,
    )
]
