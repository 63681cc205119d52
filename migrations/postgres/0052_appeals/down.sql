DROP TABLE code_waivers;
DROP TABLE code_appeals;
